//! A server with nothing to do.

use jiahu_tests::on_both;

on_both! {
    /// Each commit wakes the worker: one that writes in order to look would wake itself for ever.
    async fn looking_for_jobs_writes_nothing(server: TestServer) {
        server.run_jobs().await;
        let commits = server.app.db.commits();
        let before = *commits.borrow();
        assert_eq!(server.run_jobs().await, 0);
        assert_eq!(*commits.borrow(), before);
    }
}
