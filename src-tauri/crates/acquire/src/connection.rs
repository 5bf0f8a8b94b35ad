//! A client for one endpoint, and the runtime that drives it.

use crate::AcquireError;
use aws_config::{
    environment::{EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider},
    meta::{credentials::CredentialsProviderChain, region::RegionProviderChain},
    profile::{ProfileFileCredentialsProvider, ProfileFileRegionProvider},
    provider_config::ProviderConfig,
};
use aws_sdk_s3::config::{BehaviorVersion, Builder, Region, SharedHttpClient};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use tokio::runtime::Runtime;

/// How the service is reached. The default is AWS itself with the user's own credentials.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// Another service that speaks S3, for example `http://127.0.0.1:9000`.
    pub endpoint_url: Option<String>,
    /// The bucket's region; otherwise that of the environment or the profile, otherwise `us-east-1`.
    pub region: Option<String>,
    /// Write the bucket into the path instead of the host name, as most services other than AWS need it.
    pub path_style: bool,
    /// Ask without credentials, for a public bucket.
    pub anonymous: bool,
}

/// A connection to one S3 endpoint, kept open over many objects.
///
/// Credentials come from the environment (`AWS_ACCESS_KEY_ID` …) or from the profile (`AWS_PROFILE`,
/// `~/.aws`). The metadata service of an instance is not asked.
pub struct Connection {
    pub(crate) client: aws_sdk_s3::Client,
    pub(crate) runtime: Runtime,
}

impl Connection {
    /// Prepares the connection. Nothing is sent yet.
    pub fn open(options: &Options) -> Result<Self, AcquireError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(
            |error| AcquireError::Service {
                what: "starting the network".to_owned(),
                code: None,
                message: error.to_string(),
            },
        )?;
        let config = runtime.block_on(configure(options));
        Ok(Self { client: aws_sdk_s3::Client::from_conf(config), runtime })
    }
}

async fn configure(options: &Options) -> aws_sdk_s3::Config {
    let http = aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https();
    let region = region(options).await;
    let mut config = Builder::new()
        .behavior_version(BehaviorVersion::latest())
        .http_client(http.clone())
        .region(region.clone())
        .force_path_style(options.path_style);
    config.set_endpoint_url(options.endpoint_url.clone());
    if options.anonymous {
        config.allow_no_auth().build()
    } else {
        config.credentials_provider(credentials(region, http)).build()
    }
}

async fn region(options: &Options) -> Region {
    RegionProviderChain::first_try(options.region.clone().map(Region::new))
        .or_else(EnvironmentVariableRegionProvider::new())
        .or_else(ProfileFileRegionProvider::new())
        .region()
        .await
        .unwrap_or(Region::from_static("us-east-1"))
}

fn credentials(region: Region, http: SharedHttpClient) -> CredentialsProviderChain {
    let provider =
        ProviderConfig::without_region().with_region(Some(region)).with_http_client(http);
    let profile = ProfileFileCredentialsProvider::builder().configure(&provider).build();
    CredentialsProviderChain::first_try(
        "environment",
        EnvironmentVariableCredentialsProvider::new(),
    )
    .or_else("profile", profile)
}
