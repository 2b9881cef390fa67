//! The other end of the wire: Modbus RTU requests in, answers out. Written from the specification and sharing no code
//! with the client's library, so that a mistake in one is not hidden by the same mistake in the other.

use gate::Table;

use super::machine::Machine;
use super::registers::{Exception, Registers};

/// CRC-16 as in Modbus over serial line V1.02, section 6.2.2.
#[must_use]
pub fn crc(bytes: &[u8]) -> [u8; 2] {
    let crc = bytes.iter().fold(0xffff_u16, |crc, byte| {
        (0..8).fold(crc ^ u16::from(*byte), |crc, _| {
            if crc & 1 == 1 {
                (crc >> 1) ^ 0xa001
            } else {
                crc >> 1
            }
        })
    });
    crc.to_le_bytes()
}

/// How long the request at the head of `bytes` is with its CRC; `None` while that cannot be known or is none of ours.
fn length(bytes: &[u8]) -> Option<usize> {
    match bytes.get(1)? {
        1..=6 => Some(8),
        15 | 16 => Some(9 + usize::from(*bytes.get(6)?)),
        _ => None,
    }
}

/// Answers every whole request in `inbox`, and keeps an unfinished one for more bytes to come.
pub(super) fn answer(
    inbox: &mut Vec<u8>,
    registers: &mut Registers,
    machine: &mut Machine,
) -> Vec<u8> {
    let mut answers = Vec::new();
    while let Some(length) = length(inbox) {
        if inbox.len() < length {
            break;
        }
        let (frame, check) = inbox[..length].split_at(length - 2);
        if crc(frame) != *check {
            // Out of step: look for the next beginning one byte further on.
            inbox.remove(0);
            continue;
        }
        let frame = frame.to_vec();
        inbox.drain(..length);
        let broadcast = frame[0] == 0;
        if broadcast || frame[0] == registers.unit() {
            let mut reply = respond(&frame, registers, machine);
            reply.insert(0, frame[0]);
            let check = crc(&reply);
            reply.extend(check);
            if !broadcast {
                answers.extend(reply);
            }
        }
    }
    // What cannot be the beginning of a request we know is noise.
    if inbox.len() > 256 || (inbox.len() >= 2 && !matches!(inbox[1], 1..=6 | 15 | 16)) {
        inbox.clear();
    }
    answers
}

fn respond(frame: &[u8], registers: &mut Registers, machine: &mut Machine) -> Vec<u8> {
    let function = frame[1];
    obey(function, &frame[2..], registers, machine)
        .unwrap_or_else(|exception| vec![function | 0x80, exception as u8])
}

fn obey(
    function: u8,
    body: &[u8],
    registers: &mut Registers,
    machine: &mut Machine,
) -> Result<Vec<u8>, Exception> {
    let word = |at: usize| u16::from_be_bytes([body[at], body[at + 1]]);
    let (address, second) = (word(0), word(2));
    let mut reply = vec![function];
    match function {
        1 | 2 => {
            if !(1..=2000).contains(&second) {
                return Err(Exception::Value);
            }
            let table = if function == 1 {
                Table::Coil
            } else {
                Table::Discrete
            };
            let bits = registers.read(table, address, second)?;
            let bytes: Vec<u8> = bits
                .chunks(8)
                .map(|eight| {
                    eight
                        .iter()
                        .enumerate()
                        .fold(0, |byte, (i, bit)| byte | (u8::from(*bit != 0) << i))
                })
                .collect();
            reply.push(u8::try_from(bytes.len()).map_err(|_| Exception::Value)?);
            reply.extend(bytes);
        }
        3 | 4 => {
            if !(1..=125).contains(&second) {
                return Err(Exception::Value);
            }
            let table = if function == 3 {
                Table::Holding
            } else {
                Table::Input
            };
            let words = registers.read(table, address, second)?;
            reply.push(u8::try_from(words.len() * 2).map_err(|_| Exception::Value)?);
            reply.extend(words.into_iter().flat_map(u16::to_be_bytes));
        }
        5 => {
            let on = match second {
                0xff00 => 1,
                0 => 0,
                _ => return Err(Exception::Value),
            };
            registers.write(Table::Coil, address, &[on], machine)?;
            reply.extend(&body[..4]);
        }
        6 => {
            registers.write(Table::Holding, address, &[second], machine)?;
            reply.extend(&body[..4]);
        }
        15 => {
            let bytes = &body[5..];
            if second == 0 || bytes.len() != usize::from(second).div_ceil(8) {
                return Err(Exception::Value);
            }
            let bits: Vec<u16> = (0..usize::from(second))
                .map(|i| u16::from(bytes[i / 8] >> (i % 8) & 1))
                .collect();
            registers.write(Table::Coil, address, &bits, machine)?;
            reply.extend(&body[..4]);
        }
        16 => {
            let bytes = &body[5..];
            if second == 0 || bytes.len() != usize::from(second) * 2 {
                return Err(Exception::Value);
            }
            let words: Vec<u16> = bytes
                .chunks_exact(2)
                .map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
                .collect();
            registers.write(Table::Holding, address, &words, machine)?;
            reply.extend(&body[..4]);
        }
        _ => return Err(Exception::Function),
    }
    Ok(reply)
}
