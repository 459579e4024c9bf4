package storage

import (
	"context"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"

	"runes.im/platform/fault"
	"runes.im/platform/id"
	"runes.im/platform/store"
	"runes.im/platform/web"
)

// maxAsked is how many names one question about conflicts may hold.
const maxAsked = 500

// taken is a name that an upload would meet.
type taken struct {
	Path     string `json:"path"`
	Name     string `json:"name"`
	Folder   bool   `json:"folder"` // a folder stands there: it cannot be replaced by a file
	Size     string `json:"size"`
	Modified string `json:"modified"`
}

// askTaken tells the script which of the names it is about to upload are taken, so that it can ask before it sends.
func askTaken(v *web.Visit) error {
	d, at, err := placeOf(v, v.Param("id"))
	if err != nil {
		return err
	}
	paths := v.Values()["path"]
	if len(paths) > maxAsked {
		return fault.New(fault.TooLarge, "storage.too_many_names", "n", maxAsked)
	}
	found := []taken{}
	for _, one := range paths {
		to, err := uploadPath(at, one)
		if err != nil {
			return err
		}
		there, err := d.find(v.Context(), v.DB, to)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return err
		}
		found = append(found, taken{
			Path: one, Name: there.Path.name(), Folder: there.Folder, Size: v.Size(there.Size),
			Modified: v.When(time.Unix(there.MTime, 0)),
		})
	}
	return v.JSON(http.StatusOK, found)
}

// uploadPath is where a file goes that a browser calls "Photos/01.jpg", seen from the folder on the page.
func uploadPath(at *place, text string) (path, error) {
	if !at.Folder {
		return nil, fault.New(fault.NotFound, "storage.not_found", "name", at.Name)
	}
	below, err := parsePath(text)
	if err != nil {
		return nil, err
	}
	if below.isTop() {
		return nil, fault.New(fault.Malformed, "storage.name_empty")
	}
	to := at.Path
	for _, name := range below {
		to = to.join(name)
	}
	return to, nil
}

// uploadTo is where an upload goes, with the drive and the folder on the page.
func uploadTo(v *web.Visit, folder, file string) (*drive, *place, path, error) {
	d, at, err := placeOf(v, folder)
	if err != nil {
		return nil, nil, nil, err
	}
	to, err := uploadPath(at, file)
	return d, at, to, err
}

// told is what the script says about a file. A taken name is a conflict unless it says what to do.
func told(value func(string) string, length int64) upload {
	u := upload{Length: length, MakeFolders: true}
	if ms, err := strconv.ParseInt(value("modified"), 10, 64); err == nil && ms > 0 {
		u.MTime = ms / 1000
	}
	if sum := value("sha256"); sum != "" {
		u.Checksum = "SHA256:" + sum
	}
	switch value("conflict") {
	case "replace":
	case "keep":
		u.KeepBoth = true
	default:
		u.Check = func(_ context.Context, _ store.Reader, there *place) error {
			if there != nil {
				return fault.New(fault.Conflict, "storage.name_taken", "name", there.Path.name())
			}
			return nil
		}
	}
	return u
}

// uploadWhole takes a small file in one request.
func uploadWhole(v *web.Visit) error {
	d, _, to, err := uploadTo(v, v.Param("id"), v.Query("path"))
	if err != nil {
		return err
	}
	made, _, err := d.put(v.Context(), to, v.Request.Body, told(v.Query, v.Request.ContentLength))
	if err != nil {
		return err
	}
	return v.JSON(http.StatusCreated, map[string]string{"id": strconv.FormatInt(made.ID, 10)})
}

// makeDropped makes an empty folder that was dropped on the page, unless it is there.
func makeDropped(v *web.Visit) error {
	d, _, to, err := uploadTo(v, v.Param("id"), v.Form("path"))
	if err != nil {
		return err
	}
	var made *place
	err = v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) (err error) {
		made, err = d.makeFolders(ctx, tx, to)
		return err
	})
	if err != nil {
		return err
	}
	return v.JSON(http.StatusCreated, map[string]string{"id": strconv.FormatInt(made.ID, 10)})
}

// beginUpload opens a transfer for a large file. Its name is ours: clients on the same drive choose theirs.
func beginUpload(v *web.Visit) error {
	d, at, to, err := uploadTo(v, v.Form("folder"), v.Form("path"))
	if err != nil {
		return err
	}
	size, err := strconv.ParseInt(v.Form("size"), 10, 64)
	if err != nil || size < 0 {
		return fault.New(fault.Malformed, "storage.transfer_length")
	}
	if v.Form("conflict") == "" {
		if _, err := d.find(v.Context(), v.DB, to); err == nil {
			return fault.New(fault.Conflict, "storage.name_taken", "name", to.name())
		}
	}
	// The folders on the way may not be there yet: room is asked for where they will be.
	for len(to) > len(at.Path)+1 {
		to = to.folder()
	}
	if _, err := d.find(v.Context(), v.DB, to); err == nil {
		if to, err = d.freePath(v.Context(), v.DB, to, false); err != nil {
			return err
		}
	}
	name := "web-" + hex.EncodeToString([]byte(id.Short()))
	if err := d.beginTransfer(v.Context(), name, size, to); err != nil {
		return err
	}
	return v.JSON(http.StatusCreated, map[string]string{"transfer": name})
}

// showTransfer tells a script that comes back which pieces are here.
func showTransfer(v *web.Visit) error {
	d, err := driveOf(v)
	if err != nil {
		return err
	}
	parts, err := d.arrived(v.Context(), v.Param("name"))
	if err != nil {
		return err
	}
	numbers := make([]int64, len(parts))
	for i, part := range parts {
		numbers[i] = part.Number
	}
	return v.JSON(http.StatusOK, map[string]any{"pieces": numbers})
}

func uploadPiece(v *web.Visit) error {
	d, err := driveOf(v)
	if err != nil {
		return err
	}
	number, err := strconv.ParseInt(v.Param("number"), 10, 64)
	if err != nil || number < 0 {
		return fault.New(fault.Malformed, "storage.no_such_transfer")
	}
	if err := d.writeChunk(v.Context(), v.Param("name"), number, v.Request.Body, v.Request.ContentLength); err != nil {
		return err
	}
	return v.JSON(http.StatusCreated, map[string]string{})
}

func finishUpload(v *web.Visit) error {
	d, _, to, err := uploadTo(v, v.Form("folder"), v.Form("path"))
	if err != nil {
		return err
	}
	made, _, err := d.finishTransfer(v.Context(), v.Param("name"), to, told(v.Form, -1))
	if err != nil {
		return err
	}
	return v.JSON(http.StatusCreated, map[string]string{"id": strconv.FormatInt(made.ID, 10)})
}

func dropUpload(v *web.Visit) error {
	d, err := driveOf(v)
	if err != nil {
		return err
	}
	if err := d.dropTransfer(v.Context(), strings.TrimSpace(v.Param("name"))); err != nil {
		return err
	}
	return v.JSON(http.StatusOK, map[string]string{})
}
