//! How the line to the gate is opened, and opened again.

use std::future::Future;
use std::io;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio_serial::{SerialPortBuilderExt as _, SerialStream};

/// Opens the line to the gate. The link drops a line that it cannot trust and asks for it again, as often as needed.
pub trait PortFactory: Send + 'static {
    /// A two-way byte stream.
    type Port: AsyncRead + AsyncWrite + Unpin + Send + 'static;

    /// Opens the line.
    ///
    /// # Errors
    /// Whatever the system says, for instance that the adapter is not plugged in.
    fn open(&mut self) -> impl Future<Output = io::Result<Self::Port>> + Send;

    /// What an engineer would call this line: a device path.
    fn describe(&self) -> String;
}

/// Parity of each character on the line. Modbus over serial line, section 2.5.1, makes even the default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Parity {
    /// No parity, and a second stop bit in its place.
    None,
    /// Even parity, one stop bit.
    #[default]
    Even,
    /// Odd parity, one stop bit.
    Odd,
}

/// A serial port of this computer, an RS-485 adapter for instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SerialPort {
    /// The device: best the name that a udev rule gives it, since `ttyUSB0` may be another adapter tomorrow.
    pub path: String,
    /// Bits per second: 9,600 to 115,200.
    pub baud: u32,
    /// Parity of each character.
    pub parity: Parity,
}

impl PortFactory for SerialPort {
    type Port = SerialStream;

    async fn open(&mut self) -> io::Result<SerialStream> {
        // A character is always eleven bits: without parity a second stop bit fills its place
        // (Modbus over serial line V1.02, 2.5.1).
        let (parity, stop_bits) = match self.parity {
            Parity::None => (tokio_serial::Parity::None, tokio_serial::StopBits::Two),
            Parity::Even => (tokio_serial::Parity::Even, tokio_serial::StopBits::One),
            Parity::Odd => (tokio_serial::Parity::Odd, tokio_serial::StopBits::One),
        };
        tokio_serial::new(&self.path, self.baud)
            .data_bits(tokio_serial::DataBits::Eight)
            .parity(parity)
            .stop_bits(stop_bits)
            .flow_control(tokio_serial::FlowControl::None)
            .open_native_async()
            .map_err(io::Error::from)
    }

    fn describe(&self) -> String {
        format!("{} at {} baud", self.path, self.baud)
    }
}
