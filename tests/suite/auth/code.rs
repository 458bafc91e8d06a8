//! Families log in by phone and one-time code.

use jiahu_tests::harness::Town;
use jiahu_tests::on_both;
use serde_json::json;

const PHONE: &str = "13800000001";

on_both! {
    async fn a_new_family_logs_in_and_sees_its_account(server: TestServer) {
        Town::build(&server, "130431").await;
        let nobody = server.nobody();
        nobody.post("/v1/auth/codes", json!({"community": "130431", "phone": PHONE})).await.expect(202);
        server.run_jobs().await;
        let code = server.phones.code(PHONE);
        let login = json!({"community": "130431", "phone": PHONE, "code": code});
        nobody.post("/v1/auth/login/code", login).await.problem(422, "name_required");
        let login = json!({"community": "130431", "phone": PHONE, "code": code, "name": "张小明"});
        let tokens = nobody.post("/v1/auth/login/code", login.clone()).await.expect(200);
        let family = nobody.with_token(tokens["access_token"].as_str().expect("a token"));
        let me = family.get("/v1/me").await.expect(200);
        assert_eq!(me["name"], "张小明");
        assert_eq!(me["phone"], "138****0001");
        assert_eq!(me["roles"][0]["role"], "family");
        nobody.post("/v1/auth/login/code", login).await.problem(401, "login_failed");
    }
}
