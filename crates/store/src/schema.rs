//! The tables, as Diesel knows them; the migrations say what they are for.

diesel::table! {
    studies (id) {
        id -> BigInt,
        slug -> Text,
        title -> Text,
        description -> Text,
        game_url -> Nullable<Text>,
        status -> Text,
        validation -> Text,
        salt -> Binary,
        created_us -> BigInt,
        closed_us -> Nullable<BigInt>,
        revision -> BigInt,
        codebook_version -> Nullable<Integer>,
        protection -> Nullable<Text>,
        consent_purposes -> SmallInt,
        objected -> Bool,
        identity_fields -> SmallInt,
        anonymous -> Bool,
        silence_minutes -> Nullable<BigInt>,
        watched_us -> Nullable<BigInt>,
    }
}

diesel::table! {
    accounts (id) {
        id -> BigInt,
        subject -> Binary,
        username -> Text,
        password_hash -> Text,
        role -> Text,
        study_id -> Nullable<BigInt>,
        number -> Nullable<BigInt>,
        active -> Bool,
        created_us -> BigInt,
        password_origin -> Text,
    }
}

diesel::table! {
    study_members (account_id, study_id) {
        study_id -> BigInt,
        account_id -> BigInt,
        role -> Text,
    }
}

diesel::table! {
    log_entries (number) {
        number -> BigInt,
        study_id -> BigInt,
        pseudonym -> BigInt,
        entry_id -> Binary,
        session -> Nullable<Text>,
        sequence -> Nullable<BigInt>,
        occurred_us -> BigInt,
        sent_us -> Nullable<BigInt>,
        received_us -> BigInt,
        action -> Text,
        status -> SmallInt,
        payload -> Nullable<Text>,
        codebook_version -> Nullable<Integer>,
    }
}

// SQLite's own: the files of `ingest::filing`.
#[cfg(feature = "sqlite")]
diesel::table! {
    log_entries_of_participant (pseudonym, number) {
        pseudonym -> BigInt,
        number -> BigInt,
    }
}

#[cfg(feature = "sqlite")]
diesel::table! {
    log_entries_of_session (session, number) {
        session -> Text,
        number -> BigInt,
    }
}

#[cfg(feature = "sqlite")]
diesel::table! {
    log_entries_filed (number) {
        number -> BigInt,
    }
}

diesel::table! {
    quarantine (id) {
        id -> BigInt,
        study_id -> BigInt,
        pseudonym -> Nullable<BigInt>,
        retry_key -> Binary,
        entry_id -> Nullable<Binary>,
        received_us -> BigInt,
        text -> Text,
        faults -> Text,
        codebook_version -> Nullable<Integer>,
        action -> Nullable<Text>,
        judged_us -> Nullable<BigInt>,
    }
}

diesel::table! {
    quarantine_reasons (study_id, reason, quarantine_id) {
        study_id -> BigInt,
        reason -> Text,
        quarantine_id -> BigInt,
        received_us -> BigInt,
    }
}

diesel::table! {
    quarantine_discards (quarantine_id) {
        quarantine_id -> BigInt,
        study_id -> BigInt,
        received_us -> BigInt,
        discarded_us -> BigInt,
        reason -> Text,
        discarded_by -> Nullable<BigInt>,
    }
}

diesel::table! {
    codebooks (study_id, version) {
        study_id -> BigInt,
        version -> Integer,
        format -> Text,
        hash -> Binary,
        created_us -> BigInt,
        created_by -> Nullable<BigInt>,
        text -> Text,
    }
}

diesel::table! {
    notices (study_id, version) {
        study_id -> BigInt,
        version -> Integer,
        language -> Text,
        hash -> Binary,
        created_us -> BigInt,
        created_by -> Nullable<BigInt>,
        text -> Text,
    }
}

diesel::table! {
    consents (study_id, pseudonym) {
        study_id -> BigInt,
        pseudonym -> BigInt,
        collection -> SmallInt,
        research -> SmallInt,
        reuse -> SmallInt,
        publication -> SmallInt,
        holds -> SmallInt,
    }
}

diesel::table! {
    consent_events (id) {
        id -> BigInt,
        study_id -> BigInt,
        code -> Binary,
        decision -> Text,
        purposes -> SmallInt,
        decided_by -> Text,
        notice_version -> Nullable<Integer>,
        notice_language -> Nullable<Text>,
        notice_hash -> Nullable<Binary>,
        reference -> Nullable<Text>,
        recorded_us -> BigInt,
        recorded_by -> Nullable<BigInt>,
    }
}

diesel::table! {
    vault_keys (version) {
        version -> Integer,
        fingerprint -> Text,
        begun_us -> BigInt,
        erased -> BigInt,
    }
}

diesel::table! {
    identities (account_id) {
        account_id -> BigInt,
        study_id -> BigInt,
        revision -> BigInt,
        key_version -> Integer,
        sealed_key -> Binary,
        email_index -> Nullable<Binary>,
        guardian_index -> Nullable<Binary>,
        name -> Nullable<Binary>,
        first_name -> Nullable<Binary>,
        email -> Nullable<Binary>,
        guardian_name -> Nullable<Binary>,
        guardian_email -> Nullable<Binary>,
    }
}

diesel::table! {
    study_counters (study_id, writer) {
        study_id -> BigInt,
        writer -> SmallInt,
        entries -> BigInt,
        quarantined -> BigInt,
        changes -> BigInt,
        deleted -> BigInt,
    }
}

diesel::table! {
    amendments (number, revision) {
        number -> BigInt,
        revision -> Integer,
        study_id -> BigInt,
        account_id -> Nullable<BigInt>,
        made_us -> BigInt,
        reason -> Text,
        changes -> Nullable<Text>,
        holds -> SmallInt,
        session -> Nullable<Text>,
        sequence -> Nullable<BigInt>,
        occurred_us -> Nullable<BigInt>,
        action -> Nullable<Text>,
        payload -> Nullable<Text>,
    }
}

diesel::table! {
    session_deletions (id) {
        id -> BigInt,
        study_id -> BigInt,
        session -> Text,
        upto -> BigInt,
        account_id -> Nullable<BigInt>,
        ordered_us -> BigInt,
        reason -> Text,
    }
}

diesel::table! {
    last_numbers (study_id) {
        study_id -> BigInt,
        number -> BigInt,
    }
}

diesel::table! {
    old_numbers (study_id, number) {
        study_id -> BigInt,
        number -> BigInt,
        enrolled -> Bool,
    }
}

diesel::table! {
    erasures (study_id, pseudonym) {
        study_id -> BigInt,
        pseudonym -> BigInt,
        looks -> SmallInt,
        next_us -> BigInt,
    }
}

diesel::table! {
    erasure_records (code) {
        code -> Binary,
        what -> Text,
        day -> Integer,
    }
}

diesel::table! {
    writers (slot) {
        slot -> SmallInt,
        epoch -> BigInt,
        low -> Nullable<BigInt>,
        beat_us -> BigInt,
        connection -> BigInt,
    }
}

diesel::table! {
    server_settings (name) {
        name -> Text,
        value -> Text,
    }
}

diesel::table! {
    audit_records (number) {
        number -> BigInt,
        chain -> Binary,
        sequence -> BigInt,
        at_us -> BigInt,
        actor -> Nullable<Binary>,
        role -> Text,
        action -> Text,
        study -> Nullable<Text>,
        subject -> Nullable<Binary>,
        outcome -> Text,
        request -> Nullable<Text>,
        previous -> Binary,
        hash -> Binary,
        mac -> Binary,
    }
}

diesel::table! {
    audit_checkpoints (chain) {
        chain -> Binary,
        sequence -> BigInt,
        hash -> Binary,
        at_us -> BigInt,
        mac -> Binary,
    }
}

diesel::table! {
    audit_cuts (chain) {
        chain -> Binary,
        sequence -> BigInt,
        hash -> Binary,
        at_us -> BigInt,
        mac -> Binary,
    }
}

diesel::table! {
    reidentifications (id) {
        id -> Binary,
        study_id -> BigInt,
        pseudonym -> BigInt,
        reason -> Text,
        requested_by -> Nullable<BigInt>,
        requested_us -> BigInt,
        allowed -> Nullable<Bool>,
        decided_by -> Nullable<BigInt>,
        decided_us -> Nullable<BigInt>,
        answered_us -> Nullable<BigInt>,
    }
}

diesel::table! {
    signing_keys (kid) {
        kid -> Text,
        sealed -> Binary,
        created_us -> BigInt,
    }
}

diesel::table! {
    clients (client_id) {
        client_id -> Text,
        name -> Text,
        secret_hash -> Nullable<Text>,
        study_id -> Nullable<BigInt>,
        grants -> Text,
        scope -> Text,
        active -> Bool,
        created_us -> BigInt,
        revision -> BigInt,
        search_text -> Text,
    }
}

diesel::table! {
    grants (id) {
        id -> Binary,
        account_id -> Nullable<BigInt>,
        client_id -> Nullable<Text>,
        scope -> Text,
        token_round -> BigInt,
        created_us -> BigInt,
        used_us -> BigInt,
        ends_us -> Nullable<BigInt>,
        refresh_family -> Nullable<Binary>,
        refresh_hash -> Nullable<Binary>,
        spent_hash -> Nullable<Binary>,
        spent_us -> Nullable<BigInt>,
    }
}

diesel::table! {
    hold_events (id) {
        id -> BigInt,
        study_id -> BigInt,
        code -> Binary,
        hold -> Text,
        held -> Bool,
        on_request -> Bool,
        recorded_us -> BigInt,
    }
}

diesel::table! {
    disputes (number) {
        number -> BigInt,
        study_id -> BigInt,
        pseudonym -> BigInt,
        since_day -> Integer,
        text -> Nullable<Text>,
        correction -> Nullable<Text>,
        answer -> Nullable<Text>,
    }
}

diesel::table! {
    rights_requests (id) {
        id -> BigInt,
        study_id -> BigInt,
        kind -> Text,
        account_id -> Nullable<BigInt>,
        reference -> Nullable<Text>,
        received_day -> Integer,
        due_day -> Integer,
        prolonged_reason -> Nullable<Text>,
        answered_day -> Nullable<Integer>,
        outcome -> Nullable<Text>,
        recorded_us -> BigInt,
        recorded_by -> Nullable<BigInt>,
        revision -> BigInt,
    }
}

diesel::table! {
    alerts (id) {
        id -> BigInt,
        kind -> Text,
        study_id -> Nullable<BigInt>,
        server -> Nullable<Text>,
        raised_key -> Nullable<Text>,
        value -> Double,
        threshold -> Double,
        raised_us -> BigInt,
        seen_us -> BigInt,
        resolved_us -> Nullable<BigInt>,
        tries -> Integer,
        next_try_us -> Nullable<BigInt>,
    }
}

diesel::joinable!(study_members -> accounts (account_id));
diesel::joinable!(study_members -> studies (study_id));
diesel::allow_tables_to_appear_in_same_query!(accounts, studies, study_members);
diesel::allow_tables_to_appear_in_same_query!(accounts, grants);
diesel::allow_tables_to_appear_in_same_query!(quarantine, quarantine_reasons);

// SQLite's own: the greatest number that a table with AUTOINCREMENT ever had.
#[cfg(feature = "sqlite")]
diesel::table! {
    sqlite_sequence (name) {
        name -> Text,
        seq -> BigInt,
    }
}
