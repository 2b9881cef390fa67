//! What a receiver makes of characters that were sent at another baud rate than it listens at.

/// Characters of eleven bits: start, eight bits from the lowest, even parity, stop (Modbus over serial line V1.02, 2.5.1).
const BITS: u64 = 11;

/// The bytes that a receiver at `read` baud sees when these were sent at `sent` baud without pauses. A character whose parity or
/// stop bit is wrong reads as nought, as a Linux terminal gives it (`INPCK` without `IGNPAR`, termios(3)).
pub(super) fn misread(bytes: &[u8], sent: u32, read: u32) -> Vec<u8> {
    let level = |bit: u64| -> bool {
        let Some(byte) = usize::try_from(bit / BITS)
            .ok()
            .and_then(|at| bytes.get(at))
        else {
            return true;
        };
        match bit % BITS {
            0 => false,
            place @ 1..=8 => byte >> (place - 1) & 1 == 1,
            9 => byte.count_ones() % 2 == 1,
            _ => true,
        }
    };
    // Time is counted so that a sent bit lasts `read` and a read bit lasts `sent` units.
    let (theirs, ours) = (u64::from(read.max(1)), u64::from(sent.max(1)));
    let end = BITS * theirs * u64::try_from(bytes.len()).unwrap_or(0);
    let at = |time: u64| level(time / theirs);
    // A receiver looks at the line sixteen times a bit.
    let look = (ours / 16).max(1);
    let mut seen = Vec::new();
    let mut time = 0;
    while time < end {
        if at(time) || at(time + ours / 2) {
            time += look;
            continue;
        }
        let middle = |bit: u64| at(time + ours * bit + ours / 2);
        let byte = (1..=8).fold(0_u8, |byte, bit| byte | u8::from(middle(bit)) << (bit - 1));
        let sound = middle(9) == (byte.count_ones() % 2 == 1) && middle(10);
        seen.push(if sound { byte } else { 0 });
        time += ours * BITS - ours / 2;
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::misread;

    #[test]
    fn at_the_same_rate_it_reads_what_was_sent_and_at_another_it_does_not() {
        let sent = [0x01, 0x04, 0x00, 0xff, 0x55, 0xaa, 0x80];
        for baud in [9_600, 19_200, 115_200] {
            assert_eq!(misread(&sent, baud, baud), sent);
        }
        // Clocks of quartz differ by far less than the half bit in eleven that a character allows.
        assert_eq!(misread(&sent, 19_200, 19_400), sent);
        for (theirs, ours) in [(9_600, 19_200), (19_200, 9_600), (115_200, 9_600)] {
            let seen = misread(&sent, theirs, ours);
            assert!(
                !seen.is_empty() && seen != sent,
                "{theirs} at {ours}: {seen:?}"
            );
        }
    }
}
