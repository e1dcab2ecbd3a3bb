package io.jackfield.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;
import org.xml.sax.helpers.DefaultHandler;

/** What a project's {@code pom.xml} has Maven write into the manifest of its jar; of the pom alone, without its parent. */
final class PomManifest {

    private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{([^}]*)}");
    private static final List<String> PACKERS = List.of("maven-shade-plugin", "maven-assembly-plugin");

    private final Path pom;
    private final Element project;

    private PomManifest(Path pom, Element project) {
        this.pom = pom;
        this.project = project;
    }

    /** The manifest's entries by name; throws with a line for people where the jar would hold more than the classes, or cannot be told. */
    static Map<String, String> read(Path pom) throws IOException {
        PomManifest read = new PomManifest(pom, parse(pom).getDocumentElement());
        read.requireNoPacker();
        Map<String, String> entries = new LinkedHashMap<>();
        NodeList all = read.project.getElementsByTagName("manifestEntries");
        for (int i = 0; i < all.getLength(); i++) {
            NodeList children = all.item(i).getChildNodes();
            for (int j = 0; j < children.getLength(); j++) {
                if (children.item(j) instanceof Element entry) {
                    entries.put(entry.getTagName(), read.resolved(entry));
                }
            }
        }
        return entries;
    }

    private static Document parse(Path pom) throws IOException {
        if (!Files.exists(pom)) {
            throw new IOException("there is no " + pom + " that says what the manifest of the plugin's jar is to be");
        }
        try {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
            factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            var builder = factory.newDocumentBuilder();
            builder.setErrorHandler(new DefaultHandler());
            return builder.parse(pom.toFile());
        } catch (ParserConfigurationException | SAXException e) {
            throw new IOException(pom + " cannot be read: " + e.getMessage(), e);
        }
    }

    private void requireNoPacker() throws IOException {
        NodeList names = project.getElementsByTagName("artifactId");
        for (int i = 0; i < names.getLength(); i++) {
            String name = names.item(i).getTextContent().trim();
            if (PACKERS.contains(name)) {
                throw new IOException(pom + " puts more into the jar than the classes, by " + name
                        + " (leave out --classes: then the jar itself is watched)");
            }
        }
    }

    private String resolved(Element entry) throws IOException {
        String text = entry.getTextContent().trim();
        Matcher placeholders = PLACEHOLDER.matcher(text);
        StringBuilder resolved = new StringBuilder();
        while (placeholders.find()) {
            placeholders.appendReplacement(resolved, Matcher.quoteReplacement(value(placeholders.group(1), entry)));
        }
        return placeholders.appendTail(resolved).toString();
    }

    private String value(String name, Element entry) throws IOException {
        String value = name.startsWith("project.")
                ? child(project, name.substring("project.".length()))
                : child(element(project, "properties"), name);
        if (value.isEmpty() && name.startsWith("project.")) {
            value = child(element(project, "parent"), name.substring("project.".length()));
        }
        if (value.isEmpty() || value.contains("${")) {
            throw new IOException(pom + ": ${" + name + "} of " + entry.getTagName()
                    + " is not said in it (write the value there, or leave out --classes)");
        }
        return value;
    }

    private static Element element(Element parent, String name) {
        for (Node child = parent.getFirstChild(); child != null; child = child.getNextSibling()) {
            if (child instanceof Element element && element.getTagName().equals(name)) {
                return element;
            }
        }
        return parent.getOwnerDocument().createElement(name);
    }

    private static String child(Element parent, String name) {
        return element(parent, name).getTextContent().trim();
    }
}
