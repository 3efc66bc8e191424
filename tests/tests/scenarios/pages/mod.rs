//! Stories of what stands behind the login pages: domains, resource servers, and how the pages look.

mod branding;
mod customization;
mod domains;
mod resource_servers;
