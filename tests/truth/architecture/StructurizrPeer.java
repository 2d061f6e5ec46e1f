// Structurizr's own parser and inspector behind standard input: a path of a DSL file in, a line of JSON out.
import com.structurizr.Workspace;
import com.structurizr.dsl.StructurizrDslParser;
import com.structurizr.inspection.DefaultInspector;
import com.structurizr.inspection.Inspector;
import com.structurizr.inspection.model.RelationshipDescriptionInspection;
import com.structurizr.inspection.model.RelationshipTechnologyInspection;
import com.structurizr.model.Element;
import com.structurizr.model.Relationship;
import java.io.*;
import java.util.*;

public class StructurizrPeer {
    static String quote(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (char c : String.valueOf(text).toCharArray()) {
            if (c == '"' || c == '\\') out.append('\\').append(c);
            else if (c < 32) out.append(String.format("\\u%04x", (int) c));
            else out.append(c);
        }
        return out.append('"').toString();
    }

    static String list(List<String> texts) {
        StringJoiner out = new StringJoiner(",", "[", "]");
        texts.forEach(text -> out.add(quote(text)));
        return out.toString();
    }

    // What the inspector says of relationships that follow from others: implied ones, and those of instances.
    static List<String> followed(Workspace workspace, Inspector inspector) {
        List<String> all = new ArrayList<>();
        for (Element element : workspace.getModel().getElements()) {
            for (Relationship relationship : element.getRelationships()) {
                if (relationship.getLinkedRelationshipId() == null) continue;
                for (var found : Arrays.asList(new RelationshipDescriptionInspection(inspector).run(relationship), new RelationshipTechnologyInspection(inspector).run(relationship))) {
                    if (found != null) all.add(found.getSeverity() + " " + found.getType());
                }
            }
        }
        return all;
    }

    public static void main(String[] arguments) throws Exception {
        PrintStream out = System.out;
        System.setOut(new PrintStream(OutputStream.nullOutputStream()));
        System.setErr(new PrintStream(OutputStream.nullOutputStream()));
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        for (String line; (line = in.readLine()) != null; ) {
            long begin = System.nanoTime();
            try {
                StructurizrDslParser parser = new StructurizrDslParser();
                parser.parse(new File(line));
                Workspace workspace = parser.getWorkspace();
                Inspector inspector = new DefaultInspector(workspace);
                List<String> violations = new ArrayList<>(), elements = new ArrayList<>();
                for (var found : inspector.getViolations()) violations.add(found.getSeverity() + " " + found.getType());
                for (var element : workspace.getModel().getElements()) elements.add(element.getCanonicalName());
                long micros = (System.nanoTime() - begin) / 1000;
                out.println("{\"micros\":" + micros + ",\"violations\":" + list(violations) + ",\"followed\":" + list(followed(workspace, inspector)) + ",\"elements\":" + list(elements) + "}");
            } catch (Throwable thrown) {
                out.println("{\"error\":" + quote(thrown.getMessage() == null ? thrown.toString() : thrown.getMessage()) + "}");
            }
            out.flush();
        }
    }
}
