package storage

import (
	"context"
	"strconv"

	"runes.im/platform/fault"
	"runes.im/platform/notify"
	"runes.im/platform/store"
)

// marksOfFill are the percentages at which the person hears that the home fills up.
var marksOfFill = []int64{95, 80}

func overQuota() error { return fault.New(fault.Full, "storage.over_quota") }

// checkRoom refuses more bytes than the space still takes.
func checkRoom(ctx context.Context, r store.Reader, top, bytes int64) error {
	if bytes <= 0 {
		return nil
	}
	s, err := spaceOf(ctx, r, top)
	if err == nil && s.Quota >= 0 && s.Used+bytes > s.Quota {
		return overQuota()
	}
	return err
}

// warn tells the owner of a home when these bytes carry it over one of the marks.
func (s *space) warn(ctx context.Context, tx *store.Tx, bytes int64) error {
	if s.Quota <= 0 || s.Owner == "" {
		return nil
	}
	for _, percent := range marksOfFill {
		line := s.Quota / 100 * percent
		if s.Used < line && s.Used+bytes >= line {
			err := notify.Send(ctx, tx, notify.Note{
				To: s.Owner, Kind: "storage.quota_warning", Icon: "hard-drive",
				Link: "/storage", Security: true, Args: []string{"percent", strconv.FormatInt(percent, 10)},
			})
			if err != nil {
				return err
			}
			return tx.Emit(ctx, QuotaWarning{Member: s.Owner, Percent: int(percent)})
		}
	}
	return nil
}

// setQuota gives a person's home a quota in bytes; -1 is none.
func setQuota(ctx context.Context, tx *store.Tx, member string, bytes int64) error {
	home, err := makeHome(ctx, tx, member)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE storage_spaces SET quota = ? WHERE node = ?`, bytes, home)
	return err
}
