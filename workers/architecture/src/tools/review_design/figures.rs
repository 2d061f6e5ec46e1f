//! The arithmetic of replicas and queues, on plain numbers.

use super::data::Queue;

/// Availability of a group of `replicas` that works while `required` of them do, each up with probability
/// `availability`, independently; and its complement, accurate where it is tiny. O(replicas).
pub(super) fn k_of_n(required: u32, replicas: u32, availability: f64) -> (f64, f64) {
    let (n, k) = (f64::from(replicas), f64::from(required));
    if required == 0 || availability >= 1.0 {
        return (1.0, 0.0);
    }
    if required > replicas || availability <= 0.0 {
        return (0.0, 1.0);
    }
    // Terms of the binomial distribution relative to the likeliest one, so that none underflows before it is small
    // against the sum.
    let odds = availability / (1.0 - availability);
    let mode = ((n + 1.0) * availability).floor().min(n);
    let (mut works, mut fails) = (0.0, 0.0);
    let mut count = |up: f64, term: f64| if up >= k { works += term } else { fails += term };
    count(mode, 1.0);
    let (mut up, mut term) = (mode, 1.0);
    while up < n && term > 0.0 {
        term *= (n - up) / (up + 1.0) * odds;
        up += 1.0;
        count(up, term);
    }
    (up, term) = (mode, 1.0);
    while up > 0.0 && term > 0.0 {
        term *= up / (n - up + 1.0) / odds;
        up -= 1.0;
        count(up, term);
    }
    (works / (works + fails), fails / (works + fails))
}

/// The M/M/c queue of `servers` at `arrivals` a second, each request taking `service_ms` on average. By the recursion
/// of Erlang B, which neither overflows nor cancels. O(servers).
pub(super) fn queue(servers: u32, arrivals: f64, service_ms: f64) -> Queue {
    let offered = arrivals * service_ms / 1_000.0;
    let utilisation = offered / f64::from(servers);
    if utilisation >= 1.0 {
        return Queue { servers, utilisation, wait_probability: None, wait_ms: None };
    }
    let mut blocked = 1.0;
    for server in 1..=servers {
        blocked = offered * blocked / (f64::from(server) + offered * blocked);
    }
    let waits = blocked / (1.0 - utilisation * (1.0 - blocked));
    let wait_ms = waits * service_ms / (f64::from(servers) * (1.0 - utilisation));
    Queue { servers, utilisation, wait_probability: Some(waits), wait_ms: Some(wait_ms) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() <= 1e-12 * b.abs().max(1e-300)
    }

    #[test]
    fn k_of_n_equals_the_textbook() {
        assert!(near(k_of_n(1, 1, 0.99).0, 0.99));
        assert!(near(k_of_n(1, 2, 0.99).0, 0.9999));
        assert!(near(k_of_n(1, 3, 0.99).1, 1e-6));
        assert!(near(k_of_n(2, 3, 0.9).0, 0.972));
        assert!(near(k_of_n(3, 3, 0.9).0, 0.729));
        assert_eq!(k_of_n(4, 3, 0.9), (0.0, 1.0));
        assert_eq!(k_of_n(1, 1, 0.0), (0.0, 1.0));
        assert_eq!(k_of_n(2, 2, 1.0), (1.0, 0.0));
        // Half of a fair thousand and more: 1/2 + C(1000, 500) / 2^1001.
        assert!((k_of_n(500, 1000, 0.5).0 - 0.512_612_509_089_180_5).abs() < 1e-12);
    }

    #[test]
    fn one_server_waits_as_m_m_1() {
        let queue = queue(1, 8.0, 100.0);
        assert!(near(queue.utilisation, 0.8));
        assert!(near(queue.wait_probability.unwrap_or(0.0), 0.8));
        assert!(near(queue.wait_ms.unwrap_or(0.0), 400.0));
    }

    #[test]
    fn two_servers_wait_as_the_closed_form() {
        let queue = queue(2, 12.0, 100.0);
        let (rho, service) = (0.6_f64, 100.0);
        assert!(near(queue.wait_probability.unwrap_or(0.0), 2.0 * rho * rho / (1.0 + rho)));
        assert!(near(queue.wait_ms.unwrap_or(0.0), service * rho * rho / (1.0 - rho * rho)));
    }

    #[test]
    fn overload_has_no_steady_state() {
        assert_eq!(queue(4, 40.0, 100.0).wait_ms, None);
        assert_eq!(queue(1, 0.0, 100.0).wait_ms, Some(0.0));
        assert!(queue(20_000, 199_999.0, 100.0).wait_ms.is_some_and(|ms| ms > 0.0));
    }
}
