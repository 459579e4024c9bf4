package storage

import (
	"strconv"
	"strings"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/web"
)

// fileRow is one file or folder as a row, a card or a tile.
type fileRow struct {
	ID          int64
	Name        string
	Kind        string // folder, file
	Icon        string
	Hue         int
	Bytes       int64
	Size        string
	Modified    string
	Meta        string // one line below the name on small screens and in the grid
	Badge       string // icon of what is special about a folder
	BadgeText   string
	Href        string
	DetailsHref string
	Chosen      bool
}

// look is the icon and the colour of a kind of file, so that a person finds it before reading its name.
type look struct {
	icon string
	hue  int
	kind string // words key
}

var (
	folderLook  = look{"folder", 7, "storage.kind_folder"}
	otherLook   = look{"file", 7, "storage.kind_other"}
	textLook    = look{"file-text", 7, "storage.kind_text"}
	pdfLook     = look{"file-text", 0, "storage.kind_pdf"}
	sheetLook   = look{"file-spreadsheet", 4, "storage.kind_sheet"}
	slidesLook  = look{"presentation", 1, "storage.kind_slides"}
	pictureLook = look{"file-image", 8, "storage.kind_picture"}
	videoLook   = look{"file-video", 10, "storage.kind_video"}
	audioLook   = look{"file-audio", 9, "storage.kind_audio"}
	archiveLook = look{"file-archive", 2, "storage.kind_archive"}
	codeLook    = look{"file-code", 5, "storage.kind_code"}
)

var looks = func() map[string]look {
	all := map[string]look{}
	for l, endings := range map[look]string{
		textLook: "doc docx odt rtf txt md pages log", pdfLook: "pdf", sheetLook: "xls xlsx ods csv numbers",
		slidesLook: "ppt pptx odp key", pictureLook: "jpg jpeg png gif webp avif heic svg bmp tif tiff psd ai raw",
		videoLook: "mp4 mov mkv webm avi m4v", audioLook: "mp3 m4a ogg wav flac aac opus",
		archiveLook: "zip gz tar 7z rar bz2 xz", codeLook: "html htm css js ts go py json xml yml yaml sh sql php java c h rs",
	} {
		for ending := range strings.FieldsSeq(endings) {
			all[ending] = l
		}
	}
	return all
}()

func lookOf(name string, folder bool) look {
	if folder {
		return folderLook
	}
	if l, known := looks[ending(name)]; known {
		return l
	}
	return otherLook
}

// ending is what follows the last dot, in small letters.
func ending(name string) string {
	return strings.ToLower(name[strings.LastIndexByte(name, '.')+1:])
}

// folderHue colours a folder by its number: the same colour for life, whatever its name becomes.
func folderHue(id int64) int { return int([]int64{7, 4, 1, 9, 5, 2, 11, 8, 0, 6, 10, 3}[id%12]) }

// rowOf shows a place. inside is how many things lie in it when it is a folder.
func rowOf(v *web.Visit, p *place, inside int) *fileRow {
	l := lookOf(p.Name, p.Folder)
	e := &fileRow{
		ID: p.ID, Name: p.Path.name(), Kind: "file", Icon: l.icon, Hue: l.hue, Bytes: p.Size, Size: v.Size(p.Size),
		Modified: v.When(time.Unix(p.MTime, 0)), Href: folderHref(p.ID),
	}
	e.DetailsHref = e.Href
	e.Meta = v.T("storage.meta", "when", e.Modified, "size", e.Size)
	if !p.Folder {
		return e
	}
	e.Kind, e.Hue = "folder", folderHue(p.ID)
	if e.Meta = v.T("storage.things", "n", inside); inside == 0 {
		e.Meta = v.T("storage.nothing_inside")
	}
	e.DetailsHref += "?details=1"
	if p.rights.can(isMounted) && len(p.Path) == 1 {
		e.Badge, e.BadgeText = "users", v.T("storage.team_folder")
	}
	if !p.inside.can(mayAddFile) {
		e.Badge, e.BadgeText = "lock", v.T("storage.read_only")
	}
	return e
}

func folderHref(id int64) string { return "/storage/f/" + strconv.FormatInt(id, 10) }

// storedAt reads a time that the engine wrote.
func storedAt(text string) time.Time {
	t, err := clock.Parse(text)
	if err != nil {
		return time.Time{} // a row without a time is shown without one
	}
	return t
}
