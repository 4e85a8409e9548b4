package org.rlvr4j.model.text.template.syntax;

import java.util.Set;

/**
 * Names that a template may use.
 *
 * @param filters            that are known
 * @param unsupportedFilters that Jinja has and that are not known
 * @param tests              that are known
 */
public record Names(Set<String> filters, Set<String> unsupportedFilters, Set<String> tests) {}
