package record

import (
	"net/http"
	"strings"

	"runes.im/platform/entitlement"
	"runes.im/platform/web"
)

// Description opens /api/openapi.json: the API as whoever asks may use it. What they may not see is not in it.
func Description(all []Kind, version string, d *web.Doors) {
	d.Open("/api/openapi.json", web.Door{
		Scope: "api", Bearer: true, Realm: apiRealm, Permission: web.SignedIn, Fail: failAPI,
		Handle: func(v *web.Visit) error {
			active, err := entitlement.Active(v.Context(), v.DB)
			if err != nil {
				return err
			}
			paths, schemas, tags := object{}, object{"Problem": problemSchema}, []any{}
			for _, of := range all {
				k := of.kindOf()
				if active[k.rune] && v.Can(k.view) {
					if k, err = k.whole(v.Context(), v.DB, v.Person); err != nil {
						return err
					}
					k.describe(v, paths, schemas)
					tags = append(tags, object{"name": k.rune + " " + k.plural, "description": v.T(k.words + "list")})
				}
			}
			return v.JSON(http.StatusOK, object{
				"openapi":    "3.1.0",
				"info":       object{"title": "RUNES API", "version": version, "description": "Records of this organisation.", "license": object{"name": "Proprietary", "url": v.Site() + "/"}},
				"servers":    []any{object{"url": v.Site()}},
				"security":   []any{object{"token": []any{}}},
				"tags":       tags,
				"paths":      paths,
				"components": object{"schemas": schemas, "securitySchemes": object{"token": object{"type": "http", "scheme": "bearer"}}},
			})
		},
	})
}

type object = map[string]any

var problemSchema = object{
	"type": "object", "description": "A problem document (RFC 9457).", "required": []any{"title", "status"},
	"properties": object{
		"type": object{"type": "string"}, "title": object{"type": "string"}, "status": object{"type": "integer"}, "detail": object{"type": "string"},
		"errors": object{"type": "object", "description": "A sentence for each field.", "additionalProperties": object{"type": "string"}},
	},
}

func (k *kind) describe(v *web.Visit, paths, schemas object) {
	name := strings.ToUpper(k.rune[:1]) + k.rune[1:] + strings.ToUpper(k.name[:1]) + k.name[1:]
	input, needed := k.schema(v)
	record := object{
		"id": object{"type": "string", "format": "uuid"}, "version": object{"type": "integer"},
		"created_at": object{"type": "string", "format": "date-time"}, "updated_at": object{"type": "string", "format": "date-time"},
		"created_by": object{"type": "string"}, "updated_by": object{"type": "string"},
	}
	for field, schema := range input {
		record[field] = schema
	}
	schemas[name] = object{"type": "object", "properties": record, "required": []any{"id", "version"}}
	schemas[name+"New"] = object{"type": "object", "properties": input, "required": needed, "additionalProperties": false}
	schemas[name+"Change"] = object{"type": "object", "properties": input, "additionalProperties": false}
	root, tag := apiRoot+k.rune+"/"+k.plural, k.rune+" "+k.plural
	op := func(id, summary string, status string, answer object, more ...object) object {
		o := object{"operationId": id, "summary": summary, "tags": []any{tag}, "responses": object{
			status: answer,
			"400":  refused, "401": refused, "403": refused, "404": refused, "409": refused, "412": refused, "413": refused, "422": refused, "428": refused,
		}}
		for _, m := range more {
			for key, value := range m {
				o[key] = value
			}
		}
		return o
	}
	one := object{"description": "The record.", "headers": object{"ETag": object{"schema": object{"type": "string"}}}, "content": jsonOf(ref(name))}
	match := object{"name": "If-Match", "in": "header", "required": true, "schema": object{"type": "string"}, "description": "The ETag of the version that is meant."}
	sure := object{"name": "confirm", "in": "query", "schema": object{"type": "boolean"}, "description": "Yes to the question that a 409 asked."}
	with := func(all ...any) object { return object{"parameters": all} }
	added := object{"description": "The new record.", "content": jsonOf(ref(name)), "headers": object{
		"ETag": object{"schema": object{"type": "string"}}, "Location": object{"schema": object{"type": "string"}},
	}}
	paths[root] = object{
		"get": op("list"+name, "List", "200", object{"description": "A page of records.", "content": jsonOf(object{
			"type": "object", "required": []any{"data", "next"},
			"properties": object{"data": object{"type": "array", "items": ref(name)}, "next": object{"type": []any{"string", "null"}}},
		})}, object{"parameters": k.parameters()}),
		"post": op("add"+name, "Add", "201", added, with(sure), body(name+"New")),
	}
	paths[root+"/{id}"] = object{
		"parameters": []any{object{"name": "id", "in": "path", "required": true, "schema": object{"type": "string"}}},
		"get":        op("read"+name, "Read", "200", one),
		"patch":      op("change"+name, "Change", "200", one, with(match, sure), body(name+"Change")),
		"delete":     op("remove"+name, "Put into the bin", "204", object{"description": "It lies in the bin."}, with(match)),
	}
	paths[root+"/bulk"] = object{"post": op("bulk"+name, "Do several things, all or none", "200",
		object{"description": "What became of each: the record, or the id of one that was deleted.", "content": jsonOf(object{
			"type": "object", "required": []any{"results"},
			"properties": object{"results": object{"type": "array", "items": object{"anyOf": []any{ref(name), goneSchema}}}},
		})},
		object{"requestBody": object{"required": true, "content": jsonOf(bulkSchema(name + "Change"))}})}
}

var refused = object{"description": "A refusal.", "content": object{"application/problem+json": object{"schema": ref("Problem")}}}

var goneSchema = object{"type": "object", "required": []any{"id"}, "properties": object{"id": object{"type": "string"}}}

func bulkSchema(data string) object {
	return object{"type": "object", "required": []any{"operations"}, "properties": object{"operations": object{
		"type": "array", "minItems": 1, "maxItems": maxBulk, "items": object{"type": "object", "required": []any{"op"}, "properties": object{
			"op": object{"type": "string", "enum": []any{"create", "update", "delete"}}, "id": object{"type": "string"},
			"version": object{"type": "integer"}, "data": ref(data),
		}},
	}}}
}

func ref(name string) object { return object{"$ref": "#/components/schemas/" + name} }

func jsonOf(schema object) object { return object{"application/json": object{"schema": schema}} }

func body(name string) object {
	return object{"requestBody": object{"required": true, "content": jsonOf(ref(name))}}
}

// schema is the fields that programs write.
func (k *kind) schema(v *web.Visit) (properties object, needed []any) {
	properties, needed = object{}, []any{}
	for _, f := range k.given() {
		s := object{"type": "string", "title": v.T(f.Label), "maxLength": f.Max}
		switch f.Sort {
		case "bool":
			s = object{"type": "boolean", "title": v.T(f.Label)}
		case "number":
			s = object{"type": "integer", "title": v.T(f.Label)}
			if f.added {
				s["type"] = []any{"number", "null"}
			}
		case "money":
			s = object{"type": "object", "title": v.T(f.Label), "required": []any{"amount", "currency"}, "additionalProperties": false, "properties": object{
				"amount": object{"type": "integer", "description": "In the smallest unit."}, "currency": object{"type": "string", "description": "ISO 4217."},
			}}
		case "date":
			s["description"] = "A day such as 2026-11-22."
		case "member":
			s["description"] = "The id of a member."
		case "choice":
			s["enum"] = append([]string{""}, f.Choices...)
		case "ref":
			s["description"] = "The id of a " + f.Ref + "."
		case "country":
			s["description"] = "ISO 3166-1, two letters."
		}
		properties[f.Name] = s
		if f.Need {
			needed = append(needed, f.Name)
		}
	}
	return properties, needed
}

func (k *kind) parameters() []any {
	text := object{"type": "string"}
	all := []any{
		object{"name": "q", "in": "query", "schema": text, "description": "Every word must occur."},
		object{"name": "sort", "in": "query", "schema": text, "description": "A field, with - in front for the other way round."},
		object{"name": "limit", "in": "query", "schema": object{"type": "integer", "minimum": 1, "maximum": maxList}},
		object{"name": "cursor", "in": "query", "schema": text, "description": "What next said."},
	}
	for _, f := range k.given() {
		if f.Sort != "long" && f.Sort != "money" {
			all = append(all, object{"name": "filter[" + f.Name + "]", "in": "query", "schema": text, "description": "Values, separated by commas."})
		}
	}
	return all
}
