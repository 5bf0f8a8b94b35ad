//! The fields that AWS defines.

/// What the values of a field are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// A whole number, not negative.
    Int,
    /// An IPv4 or IPv6 address.
    Address,
    /// A point in time; in the file, seconds since the epoch.
    Time,
    /// Anything else, account numbers among it: their leading zeros count.
    Text,
}

/// One field as AWS defines it.
#[derive(Debug, PartialEq, Eq)]
pub struct FieldSpec {
    /// The field.
    pub field: Field,
    /// Its name in a flow log's format and in the header line of a text file: `account-id`.
    pub name: &'static str,
    /// Its name in Parquet files, in Athena and in the store: `account_id`.
    pub column: &'static str,
    /// The version of flow-log records that brought it.
    pub version: u8,
    /// What its values are.
    pub kind: FieldKind,
}

macro_rules! fields {
    ($($field:ident $name:literal $column:literal $version:literal $kind:ident)*) => {
        /// A field that AWS defines; its meaning is on AWS's page.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[allow(missing_docs)]
        pub enum Field { $($field),* }

        /// Every field, VPC flow logs' first: in AWS's own order, which is the order of the default formats.
        pub static FIELDS: &[FieldSpec] = &[$(FieldSpec {
            field: Field::$field,
            name: $name,
            column: $column,
            version: $version,
            kind: FieldKind::$kind,
        }),*];

        /// The field with this name, written as AWS writes it or with underscores.
        pub(crate) fn by_name(name: &[u8]) -> Option<&'static FieldSpec> {
            let text = std::str::from_utf8(name).ok()?;
            let field = match text {
                $($name => Field::$field,)*
                _ => return FIELDS.iter().find(|spec| spec.column == text),
            };
            FIELDS.get(field as usize)
        }
    };
}

fields! {
    Version "version" "version" 2 Int
    AccountId "account-id" "account_id" 2 Text
    InterfaceId "interface-id" "interface_id" 2 Text
    SrcAddr "srcaddr" "srcaddr" 2 Address
    DstAddr "dstaddr" "dstaddr" 2 Address
    SrcPort "srcport" "srcport" 2 Int
    DstPort "dstport" "dstport" 2 Int
    Protocol "protocol" "protocol" 2 Int
    Packets "packets" "packets" 2 Int
    Bytes "bytes" "bytes" 2 Int
    Start "start" "start" 2 Time
    End "end" "end" 2 Time
    Action "action" "action" 2 Text
    LogStatus "log-status" "log_status" 2 Text
    VpcId "vpc-id" "vpc_id" 3 Text
    SubnetId "subnet-id" "subnet_id" 3 Text
    InstanceId "instance-id" "instance_id" 3 Text
    TcpFlags "tcp-flags" "tcp_flags" 3 Int
    Type "type" "type" 3 Text
    PktSrcAddr "pkt-srcaddr" "pkt_srcaddr" 3 Address
    PktDstAddr "pkt-dstaddr" "pkt_dstaddr" 3 Address
    Region "region" "region" 4 Text
    AzId "az-id" "az_id" 4 Text
    SublocationType "sublocation-type" "sublocation_type" 4 Text
    SublocationId "sublocation-id" "sublocation_id" 4 Text
    PktSrcAwsService "pkt-src-aws-service" "pkt_src_aws_service" 5 Text
    PktDstAwsService "pkt-dst-aws-service" "pkt_dst_aws_service" 5 Text
    FlowDirection "flow-direction" "flow_direction" 5 Text
    TrafficPath "traffic-path" "traffic_path" 5 Int
    EcsClusterArn "ecs-cluster-arn" "ecs_cluster_arn" 7 Text
    EcsClusterName "ecs-cluster-name" "ecs_cluster_name" 7 Text
    EcsContainerInstanceArn "ecs-container-instance-arn" "ecs_container_instance_arn" 7 Text
    EcsContainerInstanceId "ecs-container-instance-id" "ecs_container_instance_id" 7 Text
    EcsContainerId "ecs-container-id" "ecs_container_id" 7 Text
    EcsSecondContainerId "ecs-second-container-id" "ecs_second_container_id" 7 Text
    EcsServiceName "ecs-service-name" "ecs_service_name" 7 Text
    EcsTaskDefinitionArn "ecs-task-definition-arn" "ecs_task_definition_arn" 7 Text
    EcsTaskArn "ecs-task-arn" "ecs_task_arn" 7 Text
    EcsTaskId "ecs-task-id" "ecs_task_id" 7 Text
    RejectReason "reject-reason" "reject_reason" 8 Text
    ResourceId "resource-id" "resource_id" 9 Text
    EncryptionStatus "encryption-status" "encryption_status" 10 Int
    ResourceType "resource-type" "resource_type" 6 Text
    TgwId "tgw-id" "tgw_id" 6 Text
    TgwAttachmentId "tgw-attachment-id" "tgw_attachment_id" 6 Text
    TgwSrcVpcAccountId "tgw-src-vpc-account-id" "tgw_src_vpc_account_id" 6 Text
    TgwDstVpcAccountId "tgw-dst-vpc-account-id" "tgw_dst_vpc_account_id" 6 Text
    TgwSrcVpcId "tgw-src-vpc-id" "tgw_src_vpc_id" 6 Text
    TgwDstVpcId "tgw-dst-vpc-id" "tgw_dst_vpc_id" 6 Text
    TgwSrcSubnetId "tgw-src-subnet-id" "tgw_src_subnet_id" 6 Text
    TgwDstSubnetId "tgw-dst-subnet-id" "tgw_dst_subnet_id" 6 Text
    TgwSrcEni "tgw-src-eni" "tgw_src_eni" 6 Text
    TgwDstEni "tgw-dst-eni" "tgw_dst_eni" 6 Text
    TgwSrcAzId "tgw-src-az-id" "tgw_src_az_id" 6 Text
    TgwDstAzId "tgw-dst-az-id" "tgw_dst_az_id" 6 Text
    TgwPairAttachmentId "tgw-pair-attachment-id" "tgw_pair_attachment_id" 6 Text
    PacketsLostNoRoute "packets-lost-no-route" "packets_lost_no_route" 6 Int
    PacketsLostBlackhole "packets-lost-blackhole" "packets_lost_blackhole" 6 Int
    PacketsLostMtuExceeded "packets-lost-mtu-exceeded" "packets_lost_mtu_exceeded" 6 Int
    PacketsLostTtlExpired "packets-lost-ttl-expired" "packets_lost_ttl_expired" 6 Int
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_fields_and_each_name_finds_its_own() {
        for (at, spec) in FIELDS.iter().enumerate() {
            assert_eq!(spec.field as usize, at, "{}", spec.name);
            assert_eq!(spec.column, spec.name.replace('-', "_"));
            assert_eq!(by_name(spec.name.as_bytes()), Some(spec));
            assert_eq!(by_name(spec.column.as_bytes()), Some(spec));
        }
        assert_eq!(by_name(b"srcaddr "), None);
        assert_eq!(by_name(b"\xff"), None);
    }
}
