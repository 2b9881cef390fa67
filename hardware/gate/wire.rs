//! One trusted exchange after another over Modbus RTU.
//!
//! Modbus RTU answers do not name their question. An answer that comes after our time-out would be taken for the next
//! question's. So a line that failed once is dropped, drained until silent and opened again, and where the map has a
//! heartbeat register, nothing is believed until the device has echoed a fresh number written there: a device answers
//! in order, so that with this echo no older answer can still be under way.

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::time::timeout;
use tokio_modbus::client::{Client as _, Context, rtu};
use tokio_modbus::{Request, Response, Slave};

use crate::error::LinkError;
use crate::link::Timings;
use crate::map::{Image, RegisterMap, Table};
use crate::plan::Reading;
use crate::port::PortFactory;

/// What was being done when something failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Whether it was a write.
    pub writes: bool,
    /// In which table.
    pub table: Table,
    /// The first address.
    pub address: u16,
    /// How many.
    pub count: u16,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = if self.writes { "write" } else { "read" };
        let last = u32::from(self.address) + u32::from(self.count.max(1)) - 1;
        write!(f, "{verb} {} {}..={last}", self.table, self.address)
    }
}

/// An open line to one unit.
pub(crate) struct Line {
    context: Context,
    answer: Duration,
}

impl Line {
    /// Opens the line, drains what is left on it, and proves by an echo that what comes from now on is ours.
    pub(crate) async fn open<P: PortFactory>(
        ports: &mut P,
        map: &RegisterMap,
        timings: &Timings,
        beat: &mut u16,
    ) -> Result<Self, LinkError> {
        let failed = |ports: &P, source| LinkError::Open {
            port: ports.describe(),
            source,
        };
        let mut port = match timeout(timings.opening, ports.open()).await {
            Ok(opened) => opened.map_err(|source| failed(ports, source))?,
            Err(_) => return Err(failed(ports, io::ErrorKind::TimedOut.into())),
        };
        match timeout(timings.drain, drain(&mut port, timings.silence)).await {
            Ok(drained) => drained.map_err(|source| failed(ports, source))?,
            Err(_) => {
                return Err(LinkError::Babbling {
                    port: ports.describe(),
                });
            }
        }
        let context = rtu::attach_slave(port, Slave(map.unit));
        let mut line = Self {
            context,
            answer: timings.answer,
        };
        line.beat(map, beat).await?;
        Ok(line)
    }

    /// Feeds the watchdog with a number that it has not seen, and takes nothing but its echo for an answer.
    pub(crate) async fn beat(
        &mut self,
        map: &RegisterMap,
        beat: &mut u16,
    ) -> Result<(), LinkError> {
        let Some(address) = map.heartbeat else {
            return Ok(());
        };
        *beat = beat.wrapping_add(1);
        let operation = Operation {
            writes: true,
            table: Table::Holding,
            address,
            count: 1,
        };
        match self
            .call(operation, Request::WriteSingleRegister(address, *beat))
            .await?
        {
            Response::WriteSingleRegister(at, echo) if at == address && echo == *beat => Ok(()),
            _ => Err(LinkError::Stranger { operation }),
        }
    }

    /// Reads every point of the status. The image may be believed only after [`Line::beat`].
    pub(crate) async fn image(&mut self, readings: &[Reading]) -> Result<Image, LinkError> {
        let mut image = Image::new();
        for reading in readings {
            let words = self.read(*reading).await?;
            image.extend(
                (reading.address..=u16::MAX)
                    .zip(words)
                    .map(|(at, word)| ((reading.table, at), word)),
            );
        }
        Ok(image)
    }

    pub(crate) async fn read(&mut self, reading: Reading) -> Result<Vec<u16>, LinkError> {
        let Reading {
            table,
            address,
            count,
        } = reading;
        let operation = Operation {
            writes: false,
            table,
            address,
            count,
        };
        let request = match table {
            Table::Coil => Request::ReadCoils(address, count),
            Table::Discrete => Request::ReadDiscreteInputs(address, count),
            Table::Holding => Request::ReadHoldingRegisters(address, count),
            Table::Input => Request::ReadInputRegisters(address, count),
        };
        // The library checks the counts with debug assertions only, so we check them ourselves.
        let bits = |bits: Vec<bool>| {
            let full = bits.len() == usize::from(count).next_multiple_of(8);
            full.then(|| bits.into_iter().take(count.into()).map(u16::from).collect())
        };
        let words = |words: Vec<u16>| (words.len() == usize::from(count)).then_some(words);
        match (table, self.call(operation, request).await?) {
            (Table::Coil, Response::ReadCoils(got))
            | (Table::Discrete, Response::ReadDiscreteInputs(got)) => bits(got),
            (Table::Holding, Response::ReadHoldingRegisters(got))
            | (Table::Input, Response::ReadInputRegisters(got)) => words(got),
            _ => None,
        }
        .ok_or(LinkError::Stranger { operation })
    }

    /// Writes, and reads back what was written.
    pub(crate) async fn write(
        &mut self,
        table: Table,
        address: u16,
        values: &[u16],
    ) -> Result<(), LinkError> {
        let count = u16::try_from(values.len()).unwrap_or(u16::MAX);
        let operation = Operation {
            writes: true,
            table,
            address,
            count,
        };
        let (request, single) = match (table.is_bits(), values) {
            (true, [one]) => (Request::WriteSingleCoil(address, *one != 0), true),
            (false, [one]) => (Request::WriteSingleRegister(address, *one), true),
            (true, many) => (
                Request::WriteMultipleCoils(
                    address,
                    many.iter().map(|v| *v != 0).collect::<Vec<_>>().into(),
                ),
                false,
            ),
            (false, many) => (
                Request::WriteMultipleRegisters(address, Cow::Borrowed(many)),
                false,
            ),
        };
        let ours = match self.call(operation, request).await? {
            Response::WriteSingleCoil(at, on) => {
                single && at == address && values == [u16::from(on)]
            }
            Response::WriteSingleRegister(at, word) => single && at == address && values == [word],
            Response::WriteMultipleCoils(at, many) | Response::WriteMultipleRegisters(at, many) => {
                !single && at == address && many == count
            }
            _ => false,
        };
        if !ours {
            return Err(LinkError::Stranger { operation });
        }
        let read = self
            .read(Reading {
                table,
                address,
                count,
            })
            .await?;
        if read == values {
            Ok(())
        } else {
            Err(LinkError::ReadBack {
                operation,
                wrote: values.to_vec(),
                read,
            })
        }
    }

    async fn call(
        &mut self,
        operation: Operation,
        request: Request<'_>,
    ) -> Result<Response, LinkError> {
        match timeout(self.answer, self.context.call(request)).await {
            Err(_) => Err(LinkError::Silent {
                operation,
                after: self.answer,
            }),
            Ok(Err(source)) => Err(LinkError::Line { operation, source }),
            Ok(Ok(Err(code))) => Err(LinkError::Exception { operation, code }),
            Ok(Ok(Ok(response))) => Ok(response),
        }
    }
}

/// Throws away what comes until nothing has come for `silence`.
async fn drain<P: AsyncRead + Unpin>(port: &mut P, silence: Duration) -> io::Result<()> {
    let mut waste = [0; 256];
    loop {
        match timeout(silence, port.read(&mut waste)).await {
            Err(_) => return Ok(()),
            Ok(Ok(0)) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(Ok(_)) => {}
            Ok(Err(error)) if error.kind() == io::ErrorKind::Interrupted => {}
            Ok(Err(error)) => return Err(error),
        }
    }
}
