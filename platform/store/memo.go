package store

import "sync"

// Memo is what rooms remember about this file while it is open, each under a key of its own type. What depends on
// the data is forgotten in AfterCommit.
func (db *DB) Memo() *sync.Map { return &db.memo }

// Memo is that of the database being written.
func (tx *Tx) Memo() *sync.Map { return &tx.db.memo }
