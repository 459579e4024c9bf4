package store

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
)

// BenchmarkWrite tells what a small durable write costs with one caller and with eight.
func BenchmarkWrite(b *testing.B) {
	for _, clients := range []int{1, 8} {
		b.Run(fmt.Sprintf("%d clients", clients), func(b *testing.B) {
			db := openNotes(b)
			var n atomic.Int64
			before := db.writer.commits.Load()
			b.SetParallelism(clients) // times GOMAXPROCS, which -cpu=1 makes one
			b.ReportAllocs()
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if err := db.Write(b.Context(), add(fmt.Sprint(n.Add(1)))); err != nil {
						b.Error(err)
						return
					}
				}
			})
			b.ReportMetric(float64(b.N)/float64(db.writer.commits.Load()-before), "writes/commit")
		})
	}
}

// BenchmarkRead tells what finding one row by its key costs.
func BenchmarkRead(b *testing.B) {
	db := openNotes(b)
	if err := db.Write(b.Context(), add("one")); err != nil {
		b.Fatal(err)
	}
	find := func(ctx context.Context, r Reader) error {
		var text string
		return r.QueryRow(ctx, "SELECT text FROM notes_notes WHERE id = ?", 1).Scan(&text)
	}
	ways := map[string]func(context.Context) error{
		"pool":                  func(ctx context.Context) error { return find(ctx, db) },
		"pool, ctx without end": func(context.Context) error { return find(context.Background(), db) },
		"bun": func(ctx context.Context) error {
			var text string
			return db.NewSelect().TableExpr("notes_notes").Column("text").Where("id = ?", 1).Scan(ctx, &text)
		},
	}
	for name, way := range ways {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := way(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("view of ten reads", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			err := db.Read(b.Context(), func(ctx context.Context, r Reader) error {
				for range 10 {
					if err := find(ctx, r); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("tx", func(b *testing.B) {
		b.ReportAllocs()
		err := db.Write(b.Context(), func(ctx context.Context, tx *Tx) error {
			for b.Loop() {
				if err := find(ctx, tx); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	})
}
