// What stands in a PostgreSQL database, a line a thing, so that two states can be compared: by names and definitions, in no order.
const OWN = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'";
const FREE = (oid, of) => `NOT EXISTS (SELECT 1 FROM pg_depend e WHERE e.classid = '${of}'::regclass AND e.objid = ${oid} AND e.deptype = 'e')`;
export const CATALOG = `
SELECT 'schema ' || n.nspname AS line FROM pg_namespace n WHERE ${OWN} AND n.nspname <> 'public'
UNION ALL SELECT 'extension ' || extname FROM pg_extension
UNION ALL SELECT format('table %s.%s kind %s rls %s %s options %s replica %s bound %s part %s acl %s', n.nspname, c.relname, c.relkind, c.relrowsecurity, c.relforcerowsecurity, array_to_string(ARRAY(SELECT unnest(c.reloptions) ORDER BY 1), ','), c.relreplident,
   pg_get_expr(c.relpartbound, c.oid), pg_get_partkeydef(c.oid), ARRAY(SELECT a.privilege_type || coalesce(r.rolname, 'public') || a.is_grantable FROM aclexplode(c.relacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee WHERE coalesce(r.rolname, '') <> 'postgres' ORDER BY 1))
   FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${OWN} AND c.relkind IN ('r', 'p', 'v', 'm') AND ${FREE("c.oid", "pg_class")}
UNION ALL SELECT format('inherits %s %s', h.inhrelid::regclass, h.inhparent::regclass) FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${OWN} AND c.relkind IN ('r', 'p')
UNION ALL SELECT format('column %s.%s.%s %s null %s default %s identity %s generated %s collate %s storage %s compression %s acl %s', n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull, pg_get_expr(d.adbin, d.adrelid), a.attidentity, a.attgenerated,
   CASE WHEN a.attcollation <> t.typcollation THEN (SELECT collname FROM pg_collation WHERE oid = a.attcollation) END, a.attstorage, a.attcompression, ARRAY(SELECT x.privilege_type || coalesce(r.rolname, 'public') FROM aclexplode(a.attacl) x LEFT JOIN pg_roles r ON r.oid = x.grantee ORDER BY 1))
   FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
   WHERE ${OWN} AND c.relkind IN ('r', 'p', 'v', 'm', 'c') AND a.attnum > 0 AND NOT a.attisdropped AND ${FREE("c.oid", "pg_class")}
UNION ALL SELECT format('constraint %s.%s %s %s', n.nspname, coalesce(c.relname, t.typname), k.conname, pg_get_constraintdef(k.oid)) FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace LEFT JOIN pg_class c ON c.oid = k.conrelid LEFT JOIN pg_type t ON t.oid = k.contypid WHERE ${OWN} AND k.contype <> 't'
UNION ALL SELECT format('index %s', pg_get_indexdef(i.indexrelid)) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${OWN}
UNION ALL SELECT format('view %s.%s %s', n.nspname, c.relname, pg_get_viewdef(c.oid)) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${OWN} AND c.relkind IN ('v', 'm') AND ${FREE("c.oid", "pg_class")}
UNION ALL SELECT format('routine %s', CASE WHEN p.prokind = 'a' THEN p.oid::regprocedure::text ELSE pg_get_functiondef(p.oid) END) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE ${OWN} AND ${FREE("p.oid", "pg_proc")}
UNION ALL SELECT format('trigger %s', pg_get_triggerdef(t.oid)) FROM pg_trigger t WHERE NOT t.tgisinternal
UNION ALL SELECT format('policy %s %s %s %s %s %s %s', p.polname, p.polrelid::regclass, p.polcmd, p.polpermissive, ARRAY(SELECT rolname FROM pg_roles WHERE oid = ANY (p.polroles) ORDER BY 1), pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)) FROM pg_policy p
UNION ALL SELECT format('enum %s %s', t.oid::regtype, ARRAY(SELECT enumlabel FROM pg_enum WHERE enumtypid = t.oid ORDER BY enumsortorder)) FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE ${OWN} AND t.typtype = 'e'
UNION ALL SELECT format('domain %s %s %s %s %s', t.oid::regtype, format_type(t.typbasetype, t.typtypmod), t.typnotnull, t.typdefault, t.typcollation::regcollation) FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE ${OWN} AND t.typtype = 'd' AND ${FREE("t.oid", "pg_type")}
UNION ALL SELECT format('range %s', t.oid::regtype) FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE ${OWN} AND t.typtype = 'r' AND ${FREE("t.oid", "pg_type")}
UNION ALL SELECT format('sequence %s.%s %s %s %s %s %s %s %s', n.nspname, c.relname, s.seqtypid::regtype, s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, s.seqcycle) FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${OWN}
UNION ALL SELECT format('comment %s %s', (pg_identify_object(classoid, objoid, objsubid)).identity, description) FROM pg_description d WHERE objoid >= 16384 AND ${FREE("d.objoid", "pg_class")} AND ${FREE("d.objoid", "pg_proc")} AND ${FREE("d.objoid", "pg_type")} AND classoid <> 'pg_extension'::regclass
`;
