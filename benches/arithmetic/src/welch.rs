//! Welch's t-test on two classes of times, as "Dude, is my code constant time?" (Reparaz, Balasch and Verbauwhede,
//! 2017) uses it.

/// The times of one kind of input, as they come in.
#[derive(Clone, Copy, Debug, Default)]
struct Moments {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Moments {
    fn add(&mut self, time: f64) {
        // Welford, 1962.
        self.count += 1.0;
        let off = time - self.mean;
        self.mean += off / self.count;
        self.squares += off * (time - self.mean);
    }

    fn error(&self) -> f64 {
        self.squares / (self.count - 1.0) / self.count
    }
}

/// How far apart the times of two classes lie, in units of what chance explains.
///
/// Interruptions make the largest times; so the test is made of all times, and again of those below each of some
/// quantiles of all. The farthest counts.
#[must_use]
pub fn farthest(times: &[(bool, f64)]) -> f64 {
    let mut sorted: Vec<f64> = times.iter().map(|(_, time)| *time).collect();
    sorted.sort_by(f64::total_cmp);
    let quantile = |share: f64| sorted[((sorted.len() - 1) as f64 * share) as usize];
    [0.5, 0.75, 0.9, 0.99, 1.0]
        .map(|share| t(times, quantile(share)))
        .into_iter()
        .fold(0.0, f64::max)
}

fn t(times: &[(bool, f64)], limit: f64) -> f64 {
    let mut classes = [Moments::default(); 2];
    for (class, time) in times {
        if *time <= limit {
            classes[usize::from(*class)].add(*time);
        }
    }
    let [one, other] = classes;
    let error = (one.error() + other.error()).sqrt();
    if one.count < 2.0 || other.count < 2.0 || error == 0.0 {
        return 0.0;
    }
    (one.mean - other.mean).abs() / error
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(of_one: u64) -> Vec<(bool, f64)> {
        let mut state = 1_u64;
        (0..20_000)
            .map(|_| {
                state = state.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(1);
                let class = state >> 63 == 1;
                let noise = (state >> 33) % 1_000;
                (class, (noise + if class { of_one } else { 0 }) as f64)
            })
            .collect()
    }

    #[test]
    fn classes_alike_lie_close() {
        assert!(farthest(&times(0)) < 4.5);
    }

    #[test]
    fn a_difference_of_a_twentieth_of_the_noise_is_seen() {
        assert!(farthest(&times(50)) > 4.5);
    }
}
