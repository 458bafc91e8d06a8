use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use rstest::rstest;

use super::*;

const LIGHT: PasswordCost = PasswordCost {
    memory_kib: 8,
    passes: 1,
    lanes: 1,
};

fn passwords(threads: usize, cost: PasswordCost) -> Passwords {
    Passwords::new(NonZeroUsize::new(threads).expect("some"), cost).expect("a sound cost")
}

fn secret(text: &str) -> SecretString {
    SecretString::from(text)
}

#[tokio::test]
async fn the_right_password_passes_and_no_other() {
    let passwords = passwords(2, LIGHT);
    let hash = passwords
        .hash(secret("中医院护理部2026"))
        .await
        .expect("hashed");
    assert!(hash.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{hash}");
    let right = passwords
        .verify(Some(hash.clone()), secret("中医院护理部2026"))
        .await;
    assert_eq!(
        right,
        Ok(Verdict {
            ok: true,
            rehash: None
        })
    );
    for wrong in ["", "中医院护理部2027", "中医院护理部2026 "] {
        let verdict = passwords.verify(Some(hash.clone()), secret(wrong)).await;
        assert_eq!(
            verdict,
            Ok(Verdict {
                ok: false,
                rehash: None
            })
        );
    }
    let again = passwords
        .hash(secret("中医院护理部2026"))
        .await
        .expect("hashed");
    assert_ne!(hash, again, "every hash has its own salt");
}

#[tokio::test]
async fn production_cost_is_the_default() {
    let passwords = passwords(1, PasswordCost::default());
    let hash = passwords
        .hash(secret("a long password"))
        .await
        .expect("hashed");
    assert!(
        hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
        "{hash}"
    );
}

#[tokio::test]
async fn an_account_without_a_hash_is_refused_at_the_same_cost() {
    let passwords = passwords(1, LIGHT);
    let stored = PasswordHash::new(&passwords.dummy).expect("it reads");
    assert!(is_up_to_date(&passwords.argon, &stored));
    let verdict = passwords.verify(None, secret("a long password")).await;
    assert_eq!(
        verdict,
        Ok(Verdict {
            ok: false,
            rehash: None
        })
    );
}

#[rstest]
#[case::memory(PasswordCost { memory_kib: 16, ..LIGHT })]
#[case::passes(PasswordCost { passes: 2, ..LIGHT })]
#[case::lanes(PasswordCost { lanes: 2, memory_kib: 16, ..LIGHT })]
#[tokio::test]
async fn a_right_password_with_another_cost_is_hashed_again(#[case] cost: PasswordCost) {
    let (before, after) = (passwords(1, LIGHT), passwords(1, cost));
    let old = before
        .hash(secret("a long password"))
        .await
        .expect("hashed");
    let wrong = after
        .verify(Some(old.clone()), secret("another password"))
        .await;
    assert_eq!(
        wrong,
        Ok(Verdict {
            ok: false,
            rehash: None
        })
    );
    let right = after
        .verify(Some(old), secret("a long password"))
        .await
        .expect("verified");
    assert!(right.ok);
    let again = after.verify(right.rehash, secret("a long password")).await;
    assert_eq!(
        again,
        Ok(Verdict {
            ok: true,
            rehash: None
        })
    );
}

#[rstest]
#[case::algorithm(Algorithm::Argon2i, Version::V0x13)]
#[case::version(Algorithm::Argon2id, Version::V0x10)]
#[tokio::test]
async fn another_algorithm_is_verified_and_hashed_again(
    #[case] algorithm: Algorithm,
    #[case] version: Version,
) {
    let params = Params::new(8, 1, 1, None).expect("sound");
    let old = hash(
        &Argon2::new(algorithm, version, params),
        &secret("a long password"),
    );
    let passwords = passwords(1, LIGHT);
    let verdict = passwords
        .verify(Some(old.expect("hashed")), secret("a long password"))
        .await
        .expect("verified");
    assert!(verdict.ok);
    assert!(
        verdict
            .rehash
            .expect("a new hash")
            .starts_with("$argon2id$v=19$")
    );
}

#[rstest]
#[case("")]
#[case("a long password")]
#[case("$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW")]
#[case("$argon2id$v=19$m=1,t=1,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaA")]
#[tokio::test]
async fn a_broken_stored_hash_is_an_error_and_no_verdict(#[case] stored: &str) {
    let verdict = passwords(1, LIGHT)
        .verify(Some(stored.to_owned()), secret(stored))
        .await;
    assert_eq!(verdict, Err(PasswordError::HashUnreadable));
}

#[test]
fn an_impossible_cost_is_refused() {
    for cost in [
        PasswordCost {
            memory_kib: 7,
            ..LIGHT
        },
        PasswordCost { passes: 0, ..LIGHT },
        PasswordCost { lanes: 0, ..LIGHT },
    ] {
        assert_eq!(
            Passwords::new(NonZeroUsize::MIN, cost).map(|_| ()),
            Err(PasswordError::Cost)
        );
    }
}

#[tokio::test]
async fn no_more_run_at_once_than_permitted() {
    let passwords = passwords(2, LIGHT);
    let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    // Nobody passes alone: the two threads must really run side by side.
    let pair = Arc::new(Barrier::new(2));
    let all = (0..8).map(|_| {
        let (running, most, pair) = (Arc::clone(&running), Arc::clone(&most), Arc::clone(&pair));
        passwords.run(move || {
            most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            pair.wait();
            running.fetch_sub(1, Ordering::SeqCst);
            Ok(())
        })
    });
    for done in futures::future::join_all(all).await {
        assert_eq!(done, Ok(()));
    }
    assert_eq!(most.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_caller_that_hangs_up_does_not_free_the_thread_early() {
    let passwords = passwords(1, LIGHT);
    let (started, has_started) = oneshot::channel();
    let (finish, may_finish) = mpsc::channel::<()>();
    let caller = tokio::spawn({
        let passwords = passwords.clone();
        async move {
            let work = move || {
                started.send(()).expect("awaited");
                may_finish.recv().expect("told");
                Ok(())
            };
            passwords.run(work).await
        }
    });
    has_started.await.expect("started");
    caller.abort();
    assert!(caller.await.expect_err("aborted").is_cancelled());
    let mut next = std::pin::pin!(passwords.run(|| Ok(7)));
    assert!(futures::poll!(&mut next).is_pending());
    // And whoever hangs up before the turn is left out.
    let mut gone = Box::pin(passwords.run::<()>(|| panic!("nobody waits for it")));
    assert!(futures::poll!(&mut gone).is_pending());
    drop(gone);
    finish.send(()).expect("it still waits");
    assert_eq!(next.await, Ok(7));
}

#[tokio::test]
async fn a_panic_frees_its_thread() {
    let passwords = passwords(1, LIGHT);
    let broken = passwords.run::<()>(|| panic!("on purpose")).await;
    assert_eq!(broken, Err(PasswordError::NotHashed));
    assert_eq!(passwords.run(|| Ok(7)).await, Ok(7));
}

#[rstest]
#[case("", Some("password_too_short"))]
#[case("123456789", Some("password_too_short"))]
#[case("鸡泽县中医院护理部", Some("password_too_short"))]
#[case("鸡泽县中医院护理部门", None)]
#[case("aaaaaaaaaa", Some("password_too_common"))]
#[case("AaaaAaaaaA", Some("password_too_common"))]
#[case("1234567890", Some("password_too_common"))]
#[case("WoAiNi1314", Some("password_too_common"))]
#[case("13800138000", Some("password_too_common"))]
#[case("wang138-0013-8000", Some("password_too_common"))]
#[case("wang13800138001", None)]
#[case("correct horse", None)]
fn the_policy(#[case] password: &str, #[case] code: Option<&str>) {
    for phone in ["13800138000", "+86 138 0013 8000", "+8613800138000"] {
        let found = check_policy(password, Some(phone))
            .err()
            .map(PolicyError::code);
        assert_eq!(found, code, "{password} with {phone}");
    }
}

#[test]
fn length_counts_characters() {
    assert_eq!(check_policy(&"护理".repeat(64), None), Ok(()));
    assert_eq!(
        check_policy(&("护理".repeat(64) + "。"), None),
        Err(PolicyError::TooLong)
    );
}

#[test]
fn no_phone_or_a_stub_of_one_forbids_nothing() {
    for phone in [None, Some(""), Some("+86"), Some("800")] {
        assert_eq!(check_policy("wang13800138000", phone), Ok(()), "{phone:?}");
    }
}

#[test]
fn the_notorious_are_each_of_use() {
    for (n, text) in NOTORIOUS.iter().enumerate() {
        assert_eq!(
            check_policy(text, None),
            Err(PolicyError::TooCommon),
            "{text}"
        );
        assert!(!NOTORIOUS[..n].contains(text), "{text} stands twice");
        assert_eq!(*text, text.to_lowercase());
    }
}
