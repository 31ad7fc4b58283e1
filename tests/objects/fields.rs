//! Wastes bytes on fields that rustc puts in another order than they are written in; forms.py knows which.
#![crate_type = "cdylib"]

#[derive(Clone, Copy)]
pub enum State {
    Empty,
    Full(u32),
}

#[derive(Clone, Copy)]
pub struct Row {
    flag: bool,
    mode: u32,
    state: State,
    kind: u8,
    value: f64,
}

static mut NESTED: [[[Row; 2]; 20]; 3] = [[[Row { flag: false, mode: 0, state: State::Empty, kind: 0, value: 0.0 }; 2]; 20]; 3];
static mut TABLE: [Row; 32] = [Row { flag: false, mode: 0, state: State::Empty, kind: 0, value: 0.0 }; 32];

#[inline(never)]
fn fill(row: *mut Row, round: u32) {
    unsafe {
        (&raw mut (*row).value).write_volatile(f64::from(round));
        (&raw mut (*row).mode).write_volatile(round);
        (&raw mut (*row).mode).read_volatile();
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn run() -> u32 {
    let table = &raw mut TABLE;
    let mut sum = 0;
    for round in 0..10 {
        for i in 0..32 {
            fill(unsafe { &raw mut (*table)[i] }, round);
        }
    }
    let nested = &raw mut NESTED;
    for i in 0..20 {
        fill(unsafe { &raw mut (*nested)[2][i][1] }, 1);
        fill(unsafe { &raw mut (*nested)[2][i][1] }, 2);
    }
    for i in 0..32 {
        let row = unsafe { &raw mut (*table)[i] };
        unsafe {
            (&raw mut (*row).kind).write_volatile(1);
            (&raw mut (*row).kind).write_volatile(2);
            (&raw mut (*row).flag).write_volatile(true);
            (&raw mut (*row).state).write_volatile(if i > 3 { State::Full(7) } else { State::Empty });
            if let State::Full(n) = (&raw mut (*row).state).read_volatile() {
                sum += n;
            }
        }
    }
    sum
}
