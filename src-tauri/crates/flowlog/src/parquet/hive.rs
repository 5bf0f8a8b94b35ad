//! Columns that stand in the path.

/// The partition columns in the path of a file, as Hive writes them: `aws-account-id=000123456789/year=2026/…`.
///
/// Values are text as it stands, leading zeros included. The last part of `name` is the file and no column.
pub fn hive_partitions(name: &str) -> Vec<(String, String)> {
    let mut parts: Vec<_> = name.split(['/', '\\']).collect();
    parts.pop();
    let pairs = parts.into_iter().filter_map(|part| part.split_once('='));
    pairs
        .filter(|(key, _)| !key.is_empty())
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_with_an_equals_sign_are_columns_and_keep_their_zeros() {
        let path = "AWSLogs/aws-account-id=000123456789/aws-service=vpcflowlogs/month=01/=x/k=/a=b.parquet";
        let found = hive_partitions(path);
        let found: Vec<_> =
            found.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(
            found,
            [
                ("aws-account-id", "000123456789"),
                ("aws-service", "vpcflowlogs"),
                ("month", "01"),
                ("k", "")
            ]
        );
        assert_eq!(hive_partitions("year=2026"), []);
        assert_eq!(hive_partitions(r"x\day=05\f"), [("day".to_owned(), "05".to_owned())]);
    }
}
