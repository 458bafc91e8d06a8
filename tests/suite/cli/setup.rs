//! From an empty machine to the first administrator.

use jiahu_tests::harness::{Client, Program, invite_token, totp_code};
use serde_json::json;

use super::on_both_installed;

const ADMIN: [&str; 8] = [
    "admin",
    "create",
    "--community",
    "130431",
    "--name",
    "王小明",
    "--phone",
    "13900000001",
];

on_both_installed! {
    async fn every_step_says_what_comes_before_it(program: Program) {
        let sqlite = program.database_url().starts_with("sqlite:");
        let early = program.run(&["serve"]).await;
        early.failed_with(if sqlite { "jiahu migrate" } else { "jiahu keys new" });
        assert!(!program.folder().join("data").exists(), "nothing is made by a server that cannot start");
        let made = program.run(&["keys", "new"]).await.expect(0);
        let keys = program.folder().join("data/keys.toml");
        assert!(made.contains(&keys.display().to_string()), "{made}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let bits = |path| std::fs::metadata(path).expect("there").permissions().mode() & 0o777;
            assert_eq!((bits(keys.as_path()), bits(&program.folder().join("data"))), (0o600, 0o700));
        }
        let before = std::fs::read(&keys).expect("keys");
        program.run(&["keys", "new"]).await.failed_with("is not overwritten");
        assert_eq!(std::fs::read(&keys).expect("keys"), before);
        program.run(&["serve"]).await.failed_with("jiahu migrate");
        program.run(&["audit", "verify"]).await.failed_with("jiahu migrate");
        assert!(program.run(&["migrate"]).await.expect(0).contains("m0001_institutions"));
        assert!(program.run(&["migrate"]).await.expect(0).contains("nothing to do"));
        program.run(&ADMIN).await.failed_with("There is no community with the code 130431.");
        program.run(&Program::COMMUNITY).await.expect(0);
        program.run(&Program::COMMUNITY).await.failed_with("130431 is in use already.");
        program.run(&ADMIN).await.expect(0);
        program.run(&ADMIN).await.failed_with("There is already an account with this phone.");
        let mut short = ADMIN;
        short[5] = "王";
        assert_eq!(program.run(&short).await.status, Some(2));
    }

    async fn the_printed_link_makes_the_first_administrator(program: Program) {
        program.install().await;
        let printed = program.run(&ADMIN).await.expect(0);
        assert!(printed.contains("139****0001") && !printed.contains("13900000001"), "{printed}");
        let url = printed.lines().find(|line| line.starts_with("https://jiahu.example/#/invite/")).expect("a link");
        let serving = program.serve(&[]).await;
        let nobody = Client::new(serving.url.clone(), None);
        let invite = invite_token(url);
        let accept = json!({"invite": invite, "password": "梧桐-correct-horse"});
        let factor = nobody.post("/v1/auth/invites/accept", accept).await.expect(200);
        let now = jiahu::clock::Clock::system().now();
        let code = totp_code(factor["totp_secret"].as_str().expect("a secret"), now);
        let tokens = nobody.post("/v1/auth/invites/confirm", json!({"invite": invite, "totp": code})).await.expect(200);
        let admin = nobody.with_token(tokens["access_token"].as_str().expect("a token"));
        let me = admin.get("/v1/me").await.expect(200);
        assert_eq!(me["roles"], json!([{"role": "admin", "institution_id": null}]));
        let institutions = admin.get("/v1/institutions").await.expect(200);
        assert_eq!(institutions["items"][0]["name_zh"], "鸡泽县医院");
        assert_eq!(institutions["items"][0]["kind"], "lead_hospital");
        // The administrator invites a supervisor of the hospital, and from there everything grows.
        let supervisor = json!({
            "name": "李芳", "phone": "13900000002",
            "roles": [{"role": "supervisor", "institution_id": institutions["items"][0]["id"]}],
        });
        admin.post("/v1/accounts", supervisor).await.expect(201);
        let ended = serving.stop().await;
        assert_eq!(ended.status, Some(0), "{ended:?}");
        assert!(!ended.err.contains("nobody administers"), "{ended:?}");
        program.run(&["audit", "verify"]).await.expect(0);
    }
}
