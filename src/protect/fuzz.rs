//! Entries for fuzzing; unit tests call them too.

use super::trigger::{Metrics, Trigger};

/// Reads a trigger expression and evaluates it on metrics from one end of their ranges to the
/// other, and beyond.
///
/// # Panics
/// When reading or evaluating does, or a fault is outside of the text.
pub fn fuzz_trigger(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    match Trigger::parse(text) {
        Ok(trigger) => {
            for metrics in [
                Constant(0.0, 0),
                Constant(0.5, 100),
                Constant(1.0, u64::MAX),
                Constant(f64::NAN, 1),
                Constant(f64::INFINITY, 1),
            ] {
                trigger.holds(&metrics);
            }
        }
        Err(fault) => assert!(text.is_char_boundary(fault.at), "{fault:?}"),
    }
}

/// Every ratio, every count.
struct Constant(f64, u64);

impl Metrics for Constant {
    fn latency_at_quantile_ms(&self, quantile: f64) -> u64 {
        assert!((0.0..=100.0).contains(&quantile), "{quantile}");
        self.1
    }

    fn network_error_ratio(&self) -> f64 {
        self.0
    }

    fn response_code_ratio(&self, _: (u32, u32), _: (u32, u32)) -> f64 {
        self.0
    }

    fn requests(&self) -> u64 {
        self.1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn named_cases() {
        for text in [
            "LatencyAtQuantileMS(50.0) > 100 || NetworkErrorRatio() > 0.3",
            "ResponseCodeRatio(500, 600, 0, 600) > 0.2 && (RequestThreshold() >= 40)",
            "é > 1",
            "",
        ] {
            fuzz_trigger(text.as_bytes());
        }
    }
}
