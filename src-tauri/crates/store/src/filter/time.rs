//! Points in time as people write them.

/// µs since the epoch: an RFC 3339 time or a leading part of one, with `T` or a space between date and time;
/// UTC where no offset is given. Ten digits are the seconds since the epoch, as they stand in a flow log.
pub(super) fn parse(text: &str) -> Option<i64> {
    if text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse::<i64>().ok().map(|seconds| seconds * 1_000_000);
    }
    let (date, clock) = match text.split_once(['T', 't', ' ']) {
        Some((date, clock)) => (date, Some(clock)),
        None => (text, None),
    };
    let [year, month, day] = parts(date, '-', [4, 2, 2])?;
    let days = days_since_epoch(year, month, day)?;
    let of_day = clock.map_or(Some(0), time_of_day)?;
    Some(days * 86_400_000_000 + of_day)
}

/// `12:00`, `12:00:05.25`, each with or without `Z` or `+01:00`.
fn time_of_day(text: &str) -> Option<i64> {
    let (clock, offset) = match text.find(['Z', 'z', '+', '-']) {
        Some(at) => (&text[..at], offset(&text[at..])?),
        None => (text, 0),
    };
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let [hour, minute, second] = match clock.len() {
        5 => {
            let [hour, minute] = parts(clock, ':', [2, 2])?;
            [hour, minute, 0]
        }
        _ => parts(clock, ':', [2, 2, 2])?,
    };
    // A leap second is the second after it, as in POSIX time.
    if hour > 23 || minute > 59 || second > 60 || (clock.len() == 5 && fraction != "0") {
        return None;
    }
    let seconds = hour * 3600 + minute * 60 + second - offset;
    Some(seconds * 1_000_000 + microseconds(fraction)?)
}

/// Seconds east of UTC.
fn offset(text: &str) -> Option<i64> {
    if text.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let [hour, minute] = parts(text.get(1..)?, ':', [2, 2])?;
    let sign = if text.starts_with('-') { -1 } else { 1 };
    (hour < 24 && minute < 60).then_some(sign * (hour * 3600 + minute * 60))
}

fn microseconds(fraction: &str) -> Option<i64> {
    let digits = !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
    (digits && fraction.len() <= 6).then(|| format!("{fraction:0<6}").parse().ok())?
}

/// Numbers of so many digits each, parted by `separator`.
fn parts<const N: usize>(text: &str, separator: char, digits: [usize; N]) -> Option<[i64; N]> {
    let mut numbers = [0; N];
    let mut words = text.split(separator);
    for (number, digits) in numbers.iter_mut().zip(digits) {
        let word = words.next()?;
        if word.len() != digits || !word.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        *number = word.parse().ok()?;
    }
    words.next().is_none().then_some(numbers)
}

/// Days of the proleptic Gregorian calendar.
fn days_since_epoch(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        2 if leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    // A year that begins in March has its leap day at its end.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    (1..=length).contains(&day).then(|| days + (month * 153 + 2) / 5 + day - 1 - 719_468)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<i64>) {
        assert_eq!(parse(text), expected, "{text}");
    }

    #[test]
    fn times_are_read_to_the_microsecond() {
        check("1970-01-01", Some(0));
        check("1969-12-31T23:59:59Z", Some(-1_000_000));
        check("2026-03-03", Some(1_772_496_000_000_000));
        check("2026-03-03 12:00", Some(1_772_539_200_000_000));
        check("2026-03-03T12:00:00.25Z", Some(1_772_539_200_250_000));
        check("2026-03-03T12:00:00+01:00", Some(1_772_535_600_000_000));
        check("2026-03-03T12:00-00:30", Some(1_772_541_000_000_000));
        check("2024-02-29", Some(1_709_164_800_000_000));
        check("2000-02-29", Some(951_782_400_000_000));
        check("1418530010", Some(1_418_530_010_000_000));
    }

    #[test]
    fn what_no_calendar_or_clock_shows_is_no_time() {
        for text in [
            "",
            "2026",
            "x",
            "2026-13-01",
            "2026-02-29",
            "2026-04-31",
            "2026-00-01",
            "2026-01-00",
            "2026-3-3",
            "2026-03-03T",
            "2026-03-03 24:00",
            "2026-03-03 12:60",
            "2026-03-03 12",
            "2026-03-03 12:00:00.",
            "2026-03-03 12:00:00.1234567",
            "2026-03-03 12:00.5",
            "2026-03-03 12:00+25:00",
            "2026-03-03 12:00é",
            "14185300100000",
            "+026-03-03",
        ] {
            check(text, None);
        }
    }
}
