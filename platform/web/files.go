package web

import (
	"io"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"
)

// fileTypes is fixed (never what the uploader says). What a browser would run is served as plain bytes or text.
var fileTypes = map[string]string{
	".txt": "text/plain; charset=utf-8", ".md": "text/plain; charset=utf-8", ".csv": "text/csv; charset=utf-8",
	".log": "text/plain; charset=utf-8", ".json": "application/json",
	".pdf": "application/pdf", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif",
	".webp": "image/webp", ".avif": "image/avif", ".heic": "image/heic", ".bmp": "image/bmp", ".tif": "image/tiff", ".tiff": "image/tiff",
	".mp3": "audio/mpeg", ".m4a": "audio/mp4", ".ogg": "audio/ogg", ".wav": "audio/wav", ".flac": "audio/flac",
	".mp4": "video/mp4", ".webm": "video/webm", ".mov": "video/quicktime", ".mkv": "video/x-matroska",
	".zip": "application/zip", ".gz": "application/gzip", ".tar": "application/x-tar", ".7z": "application/x-7z-compressed",
	".doc": "application/msword", ".xls": "application/vnd.ms-excel", ".ppt": "application/vnd.ms-powerpoint",
	".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
	".odt":  "application/vnd.oasis.opendocument.text", ".ods": "application/vnd.oasis.opendocument.spreadsheet",
	".odp": "application/vnd.oasis.opendocument.presentation", ".ics": "text/calendar; charset=utf-8", ".vcf": "text/vcard; charset=utf-8",
}

// FileType is the type of a stored file by its name.
func FileType(name string) string {
	if kind := fileTypes[strings.ToLower(path.Ext(name))]; kind != "" {
		return kind
	}
	return "application/octet-stream"
}

// filePolicy keeps a stored file from doing anything, should a browser show it after all.
var filePolicy = []string{"sandbox; default-src 'none'; frame-ancestors 'none'"}

// Attachment answers with a stored file to be saved: ranges, If-Match, If-None-Match and If-Modified-Since hold. etag
// comes in quotes, or empty.
func (v *Visit) Attachment(name string, content io.ReadSeeker, changed time.Time, etag string) {
	h := v.Writer.Header()
	h["Content-Security-Policy"] = filePolicy
	h.Set("Content-Type", FileType(name))
	h.Set("Content-Disposition", disposition(name))
	h.Set("Cache-Control", "private, no-cache")
	if etag != "" {
		h.Set("Etag", etag)
	}
	http.ServeContent(v.Writer, v.Request, "", changed, content)
}

// Download begins the answer with a file that the handler writes itself.
func (v *Visit) Download(name, kind string) {
	h := v.Writer.Header()
	h["Content-Security-Policy"] = filePolicy
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", disposition(name))
}

// disposition names the file twice: once for programs that know ASCII only, once whole (RFC 6266).
func disposition(name string) string {
	plain := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || r == '"' || r == '\\' || r == '%' {
			return '_'
		}
		return r
	}, name)
	return `attachment; filename="` + plain + `"; filename*=UTF-8''` + strings.ReplaceAll(url.QueryEscape(name), "+", "%20")
}
