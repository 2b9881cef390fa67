//! The program as an engineer meets it: started, and judged by what it writes and how it ends.

mod calibrate;
mod doctor;
mod gate;
mod inspect;
mod officer;
mod records;
mod rig;
mod run;
