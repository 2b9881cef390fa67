//! Signed lists and policies as files, whole and in parts.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod place;

use office::config::Repository;
use place::{Place, problem};
use reqwest::StatusCode;

#[tokio::test]
async fn files_are_served_whole_in_parts_and_only_when_they_changed() {
    let mut place = Place::new();
    let folder = place.folder.path().join("repository");
    for part in ["metadata", "targets"] {
        std::fs::create_dir_all(folder.join(part)).unwrap();
    }
    std::fs::write(folder.join("metadata/timestamp.json"), "{\"signed\":{}}").unwrap();
    let digest = "5".repeat(64);
    let target = format!("{digest}.documents.bin");
    std::fs::write(folder.join("targets").join(&target), [7; 5000]).unwrap();
    place.config.repository = Some(Repository { folder });
    let office = place.open().await;
    let browser = place.browser();
    let get = |path: &str| browser.get(place.at(path));

    let metadata = get("/v1/tuf/metadata/timestamp.json").send().await.unwrap();
    assert_eq!(metadata.status(), StatusCode::OK);
    assert_eq!(metadata.headers()["content-type"], "application/json");
    assert_eq!(metadata.headers()["cache-control"], "no-cache");
    let tag = metadata.headers()["etag"].clone();
    assert_eq!(metadata.text().await.unwrap(), "{\"signed\":{}}");
    let same = get("/v1/tuf/metadata/timestamp.json").header("if-none-match", tag);
    assert_eq!(
        same.send().await.unwrap().status(),
        StatusCode::NOT_MODIFIED
    );

    let path = format!("/v1/tuf/targets/{target}");
    let part = get(&path)
        .header("range", "bytes=4000-")
        .send()
        .await
        .unwrap();
    assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT);
    assert_eq!(part.headers()["content-range"], "bytes 4000-4999/5000");
    assert_eq!(part.headers()["content-type"], "application/octet-stream");
    assert_eq!(part.bytes().await.unwrap(), vec![7; 1000]);
    let beyond = get(&path)
        .header("range", "bytes=5000-")
        .send()
        .await
        .unwrap();
    assert_eq!(beyond.headers()["content-range"], "bytes */5000");
    let expected = (
        StatusCode::RANGE_NOT_SATISFIABLE,
        "no-such-range".to_owned(),
    );
    assert_eq!(problem(beyond).await, expected);

    let missing = (StatusCode::NOT_FOUND, "no-such-place".to_owned());
    for path in [
        "/v1/tuf/metadata/9.root.json",
        "/v1/tuf/metadata/%2e%2e%2foffice.toml",
        "/v1/tuf/targets/..%2f..%2foffice.key.pem",
        "/v1/tuf/targets/%00",
        "/v1/tuf/targets/",
        "/v1/tuf/targets",
    ] {
        let answer = get(path).send().await.unwrap();
        assert_eq!(problem(answer).await, missing, "{path}");
    }
    let posted = browser.post(place.at(&path)).send().await.unwrap();
    assert_eq!(posted.status(), StatusCode::METHOD_NOT_ALLOWED);
    office.stop().await.unwrap();
}

#[tokio::test]
async fn an_office_without_a_repository_has_no_files_and_one_with_a_wrong_folder_does_not_start() {
    let mut place = Place::new();
    let office = place.open().await;
    let answer = place
        .browser()
        .get(place.at("/v1/tuf/metadata/timestamp.json"));
    let missing = (StatusCode::NOT_FOUND, "no-such-place".to_owned());
    assert_eq!(problem(answer.send().await.unwrap()).await, missing);
    office.stop().await.unwrap();

    place.config.repository = Some(Repository {
        folder: place.folder.path().to_owned(),
    });
    let error = office::serve(place.config.clone()).await.unwrap_err();
    assert!(error.to_string().contains("`repository.folder`"), "{error}");
}
