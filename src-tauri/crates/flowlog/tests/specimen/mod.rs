//! A small file of each format, and its records.

/// The format's name, the file, and what each record has in the fields that are shown.
pub(crate) type Specimen = (&'static str, &'static str, &'static [&'static str]);

pub(crate) const SPECIMENS: &[Specimen] = &[
    (
        "flow_log_text",
        "srcaddr dstaddr bytes start end mood\n10.0.0.1 10.0.0.2 40 1418530010 1418530070 calm\n- - - 1418530010 1418530070 -\n",
        &[
            "10.0.0.1 10.0.0.2 - - - - 40 1418530010000000 1418530070000000 - - - - - -",
            "- - - - - - - 1418530010000000 1418530070000000 - - - - - -",
        ],
    ),
    // `aws logs tail`
    (
        "flow_log_text",
        "2014-12-14T04:06:50.000000+00:00 eni-1-all 2 123456789010 eni-1 10.0.0.1 10.0.0.2 20641 22 6 20 4249 1418530010 1418530070 ACCEPT OK\n",
        &[
            "10.0.0.1 10.0.0.2 20641 22 6 20 4249 1418530010000000 1418530070000000 ACCEPT eni-1 - - OK -",
        ],
    ),
    (
        "cloudwatch_events",
        r#"{"events":[
{"logStreamName":"eni-1-all","timestamp":1418530010000,"message":"2 123456789010 eni-1 10.0.0.1 10.0.0.2 20641 22 6 20 4249 1418530010 1418530070 ACCEPT OK","eventId":"1"},
{"timestamp":1418530010000,"message":"2 123456789010 eni-1 - - - - - - - 1418530010 1418530070 - NODATA\n"}
],"searchedLogStreams":[]}"#,
        &[
            r#"10.0.0.1 10.0.0.2 20641 22 6 20 4249 1418530010000000 1418530070000000 ACCEPT eni-1 - - OK {"logStreamName":"eni-1-all","timestamp":1418530010000,"eventId":"1"}"#,
            r#"- - - - - - - 1418530010000000 1418530070000000 - eni-1 - - NODATA {"timestamp":1418530010000}"#,
        ],
    ),
    (
        "cloudwatch_subscription",
        r#"{"messageType":"CONTROL_MESSAGE","logEvents":[{"id":"","message":"CWL CONTROL MESSAGE: Checking health"}]}{"messageType":"DATA_MESSAGE","owner":"123456789010","logGroup":"g","logStream":"eni-1-all","subscriptionFilters":["f"],"logEvents":[{"id":"1","timestamp":1418530010000,"message":"2 123456789010 eni-1 10.0.0.1 10.0.0.2 20641 22 6 20 4249 1418530010 1418530070 REJECT OK"}]}"#,
        &[
            r#"10.0.0.1 10.0.0.2 20641 22 6 20 4249 1418530010000000 1418530070000000 REJECT eni-1 - - OK {"id":"1","timestamp":1418530010000,"owner":"123456789010","logGroup":"g","logStream":"eni-1-all"}"#,
        ],
    ),
    (
        "cloudwatch_insights_json",
        r#"{"results":[[{"field":"@timestamp","value":"2014-12-14 04:06:50.000"},{"field":"@message","value":"2 123456789010 eni-1 10.0.0.1 10.0.0.2 20641 22 6 20 4249 1418530010 1418530070 ACCEPT OK"}]],"status":"Complete"}"#,
        &[
            r#"10.0.0.1 10.0.0.2 20641 22 6 20 4249 1418530010000000 1418530070000000 ACCEPT eni-1 - - OK {"@timestamp":"2014-12-14 04:06:50.000"}"#,
        ],
    ),
    // The console's form, of a query for fields.
    (
        "cloudwatch_insights_json",
        r#"[{"@timestamp":"2014-12-14 04:06:50.000","interfaceId":"eni-1","srcAddr":"10.0.0.1","dstPort":"22"}]"#,
        &[r#"10.0.0.1 - - 22 - - - - - - eni-1 - - - {"@timestamp":"2014-12-14 04:06:50.000"}"#],
    ),
    (
        "firehose_messages",
        "{\"message\":\"2 123456789010 eni-1 10.0.0.1 10.0.0.2 20641 22 6 20 4249 1418530010 1418530070 ACCEPT OK\"}\n",
        &[
            "10.0.0.1 10.0.0.2 20641 22 6 20 4249 1418530010000000 1418530070000000 ACCEPT eni-1 - - OK -",
        ],
    ),
    (
        "flow_log_csv",
        "\"interface_id\",\"sourceaddress\",\"destinationport\",\"numbytes\",\"starttime\",\"day\"\n\"eni-1\",\"10.0.0.1\",\"22\",,\"1418530010\",\"2014/12/14\"\n",
        &["10.0.0.1 - - 22 - - - 1418530010000000 - - eni-1 - - - -"],
    ),
    (
        "flow_log_csv",
        "@timestamp,@message\n2014-12-14 04:06:50.000,2 123456789010 eni-1 10.0.0.1 10.0.0.2 20641 22 6 20 4249 1418530010 1418530070 ACCEPT OK\n",
        &[
            r#"10.0.0.1 10.0.0.2 20641 22 6 20 4249 1418530010000000 1418530070000000 ACCEPT eni-1 - - OK {"@timestamp":"2014-12-14 04:06:50.000"}"#,
        ],
    ),
    (
        "flow_log_json",
        "{\"srcaddr\":\"10.0.0.1\",\"dst_port\":22,\"start\":\"2014-12-14 04:06:50.000\",\"mood\":{\"calm\":true}}\n",
        &[r#"10.0.0.1 - - 22 - - - 1418530010000000 - - - - - - {"mood":{"calm":true}}"#],
    ),
    (
        "ocsf_json",
        r#"{"class_uid":4001,"action_id":2,"start_time":1418530010000,"end_time":1418530070000,"src_endpoint":{"ip":"10.0.0.1","port":20641},"dst_endpoint":{"ip":"10.0.0.2","port":22,"interface_uid":"eni-1"},"connection_info":{"direction_id":1,"protocol_num":6,"tcp_flags":2},"traffic":{"bytes":40,"packets":1},"status_code":"OK"}{"class_uid":4003}"#,
        &[
            r#"10.0.0.1 10.0.0.2 20641 22 6 1 40 1418530010000000 1418530070000000 REJECT eni-1 ingress 2 OK {"class_uid":4001,"action_id":2,"connection_info":{"direction_id":1}}"#,
        ],
    ),
    (
        "gcp_flow",
        r#"{"logName":"projects/p/logs/compute.googleapis.com%2Fvpc_flows","jsonPayload":{"connection":{"src_ip":"10.0.0.1","dest_ip":"10.0.0.2","src_port":20641,"dest_port":22,"protocol":6},"reporter":"DEST","bytes_sent":"40","packets_sent":"1","start_time":"2014-12-14T04:06:50.123456789Z","end_time":"2014-12-14T04:07:50Z","dest_instance":{"vm_name":"web"},"rtt_msec":"3"}}"#,
        &[
            r#"10.0.0.1 10.0.0.2 20641 22 6 1 40 1418530010123456 1418530070000000 - web ingress - - {"logName":"projects/p/logs/compute.googleapis.com%2Fvpc_flows","jsonPayload":{"reporter":"DEST","dest_instance":{"vm_name":"web"},"rtt_msec":"3"}}"#,
        ],
    ),
    (
        "azure_nsg",
        r#"{"records":[{"time":"t","category":"NetworkSecurityGroupFlowEvent","properties":{"Version":2,"flows":[{"rule":"r","flows":[{"mac":"0A1B2C3D4E5F","flowTuples":["1418530010,10.0.0.1,10.0.0.2,20641,22,T,I,D,B,,,,","1418530070,10.0.0.1,10.0.0.2,20641,443,T,O,A,E,20,4249,12,1200"]}]}]}}]}"#,
        &[
            r#"10.0.0.1 10.0.0.2 20641 22 6 - - 1418530010000000 1418530010000000 REJECT 0A1B2C3D4E5F ingress - - {"time":"t","category":"NetworkSecurityGroupFlowEvent","rule":"r","flowTuple":"1418530010,10.0.0.1,10.0.0.2,20641,22,T,I,D,B,,,,"}"#,
            r#"10.0.0.1 10.0.0.2 20641 443 6 20 4249 1418530070000000 1418530070000000 ACCEPT 0A1B2C3D4E5F egress - - {"time":"t","category":"NetworkSecurityGroupFlowEvent","rule":"r","flowTuple":"1418530070,10.0.0.1,10.0.0.2,20641,443,T,O,A,E,20,4249,12,1200"}"#,
            r#"10.0.0.2 10.0.0.1 443 20641 6 12 1200 1418530070000000 1418530070000000 ACCEPT 0A1B2C3D4E5F ingress - - {"time":"t","category":"NetworkSecurityGroupFlowEvent","rule":"r","flowTuple":"1418530070,10.0.0.1,10.0.0.2,20641,443,T,O,A,E,20,4249,12,1200"}"#,
        ],
    ),
    (
        "azure_vnet",
        r#"{"records":[{"time":"t","flowLogVersion":4,"macAddress":"0A1B2C3D4E60","category":"FlowLogFlowEvent","flowRecords":{"flows":[{"aclID":"a","flowGroups":[{"rule":"r","flowTuples":["1418530010000,10.0.0.1,10.0.0.2,20641,22,17,I,D,NX,0,0,0,0"]}]}]}}]}"#,
        &[
            r#"10.0.0.1 10.0.0.2 20641 22 17 0 0 1418530010000000 1418530010000000 REJECT 0A1B2C3D4E60 ingress - - {"time":"t","flowLogVersion":4,"category":"FlowLogFlowEvent","aclID":"a","rule":"r","flowTuple":"1418530010000,10.0.0.1,10.0.0.2,20641,22,17,I,D,NX,0,0,0,0"}"#,
        ],
    ),
    (
        "zeek_conn",
        "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tconn\n#fields\tts\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tduration\tconn_state\thistory\torig_pkts\torig_ip_bytes\tresp_pkts\tresp_ip_bytes\ttunnel_parents\n1418530010.000001\t10.0.0.1\t20641\t10.0.0.2\t22\ttcp\t60.5\tSF\tShADadFf\t20\t4249\t12\t1200\t(empty)\n#close\t2014-12-14-04-10-00\n",
        &[
            r#"10.0.0.1 10.0.0.2 20641 22 6 20 4249 1418530010000001 1418530070500001 - - - 3 - {"duration":"60.5","conn_state":"SF","history":"ShADadFf","tunnel_parents":""}"#,
            r#"10.0.0.2 10.0.0.1 22 20641 6 12 1200 1418530010000001 1418530070500001 - - - 19 - {"duration":"60.5","conn_state":"SF","history":"ShADadFf","tunnel_parents":""}"#,
        ],
    ),
    (
        "zeek_conn_json",
        "{\"ts\":1418530010.5,\"id.orig_h\":\"2001:db8::1\",\"id.orig_p\":133,\"id.resp_h\":\"ff02::2\",\"id.resp_p\":134,\"proto\":\"icmp\",\"conn_state\":\"OTH\",\"orig_pkts\":1,\"orig_ip_bytes\":48,\"resp_pkts\":0,\"resp_ip_bytes\":0}\n",
        &[
            r#"2001:db8::1 ff02::2 0 0 58 1 48 1418530010500000 1418530010500000 - - - - - {"id.orig_p":133,"id.resp_p":134,"proto":"icmp","conn_state":"OTH","resp_pkts":0,"resp_ip_bytes":0}"#,
        ],
    ),
    (
        "suricata_eve",
        "{\"timestamp\":\"2014-12-14T04:08:00.000000+0000\",\"event_type\":\"dns\"}\n{\"timestamp\":\"2014-12-14T04:08:00.000000+0000\",\"in_iface\":\"eth0\",\"event_type\":\"flow\",\"src_ip\":\"10.0.0.1\",\"src_port\":20641,\"dest_ip\":\"10.0.0.2\",\"dest_port\":22,\"proto\":\"TCP\",\"flow\":{\"pkts_toserver\":3,\"pkts_toclient\":2,\"bytes_toserver\":300,\"bytes_toclient\":200,\"start\":\"2014-12-14T04:06:50.000000+0000\",\"end\":\"2014-12-14T04:07:50.000000+0000\",\"state\":\"closed\"},\"tcp\":{\"tcp_flags_ts\":\"1b\",\"tcp_flags_tc\":\"1b\"}}\n",
        &[
            r#"10.0.0.1 10.0.0.2 20641 22 6 3 300 1418530010000000 1418530070000000 - eth0 - 3 - {"timestamp":"2014-12-14T04:08:00.000000+0000","event_type":"flow","flow":{"state":"closed"},"tcp":{"tcp_flags_ts":"1b","tcp_flags_tc":"1b"}}"#,
            r#"10.0.0.2 10.0.0.1 22 20641 6 2 200 1418530010000000 1418530070000000 - eth0 - 19 - {"timestamp":"2014-12-14T04:08:00.000000+0000","event_type":"flow","flow":{"state":"closed"},"tcp":{"tcp_flags_ts":"1b","tcp_flags_tc":"1b"}}"#,
        ],
    ),
];
