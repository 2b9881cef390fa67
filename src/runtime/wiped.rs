//! Freed memory is overwritten, whoever freed it. Frames and readings zero themselves; but the libraries that read them, decode
//! JPEGs and draw the screen make copies of their own, and only free those.

use std::alloc::System;

use zeroizing_alloc::ZeroAlloc;

/// The allocator of every program in which a lane runs.
#[global_allocator]
static MEMORY: ZeroAlloc<System> = ZeroAlloc(System);
