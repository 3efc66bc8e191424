//! Other servers, played by a table of pages.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use serde_json::Value;
use userpool_ports::{Fetch, FetchFault, FetchReply, FetchRequest};

/// Pages by address. A clone is the same table.
#[derive(Clone, Default)]
pub struct Others(Arc<Mutex<Table>>);

#[derive(Default)]
struct Table {
    pages: BTreeMap<String, (u16, String)>,
    asked: Vec<FetchRequest>,
}

impl Others {
    /// Puts a page of JSON at an address.
    pub fn put(&self, url: &str, page: &Value) {
        self.put_text(url, 200, &page.to_string());
    }

    /// Puts a page at an address.
    pub fn put_text(&self, url: &str, status: u16, text: &str) {
        let mut table = self.0.lock().expect("nobody panics");
        table.pages.insert(url.into(), (status, text.into()));
    }

    /// What was asked since this was last asked.
    pub fn asked(&self) -> Vec<FetchRequest> {
        std::mem::take(&mut self.0.lock().expect("nobody panics").asked)
    }
}

impl Fetch for Others {
    fn fetch(&self, request: &FetchRequest) -> Result<FetchReply, FetchFault> {
        let mut table = self.0.lock().expect("nobody panics");
        table.asked.push(request.clone());
        let page = table.pages.get(&request.url);
        let (status, text) = page.ok_or_else(|| FetchFault("nobody there".into()))?;
        Ok(FetchReply {
            status: *status,
            body: text.clone().into_bytes(),
        })
    }
}
