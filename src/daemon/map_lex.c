// SPDX-License-Identifier: GPL-2.0
/*
 * Words of a map: a line is cut at white space, and what quotes and
 * backslashes protect is taken as it stands.
 *
 * A fault marks the word it is in and the reading goes on, so that quotes stay
 * paired and the line ends where its writer meant it to.
 */
#include "map_priv.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

static bool at_end(const struct amfs_map_lex *lex)
{
	return lex->pos == lex->end || *lex->pos == '\n';
}

/*
 * Skips a backslash that ends a line, together with the end of the line; at the
 * end of the file there is nothing to go on with, which isn't worth a fault.
 */
static bool skip_continuation(struct amfs_map_lex *lex)
{
	const char *p = lex->pos;

	if (p == lex->end || *p != '\\')
		return false;
	p++;
	if (lex->end - p >= 2 && p[0] == '\r' && p[1] == '\n')
		p++;
	if (p != lex->end && *p != '\n')
		return false;
	if (p != lex->end) {
		p++;
		lex->line++;
	}
	lex->pos = p;
	return true;
}

/* autofs continues comments too: a commented entry may have several lines. */
static void skip_comment(struct amfs_map_lex *lex)
{
	while (!at_end(lex))
		if (!skip_continuation(lex))
			lex->pos++;
}

static void skip_blanks(struct amfs_map_lex *lex)
{
	while (!at_end(lex)) {
		if (skip_continuation(lex))
			continue;
		if (!is_blank(*lex->pos))
			break;
		lex->pos++;
	}
	if (!at_end(lex) && *lex->pos == '#')
		skip_comment(lex);
}

static void put_literal(struct amfs_map_lex *lex, struct amfs_map_word *word)
{
	if (!*lex->pos)
		word->fault = AMFS_MAP_FAULT_NUL;
	*lex->out++ = *lex->pos++;
}

static void read_quoted(struct amfs_map_lex *lex, struct amfs_map_word *word)
{
	lex->pos++;
	while (!at_end(lex) && *lex->pos != '"')
		put_literal(lex, word);
	if (at_end(lex))
		word->fault = AMFS_MAP_FAULT_QUOTE;
	else
		lex->pos++;
}

/* A '$' that no name follows stands for itself: shares are called "c$". */
static bool at_variable(const struct amfs_map_lex *lex)
{
	char next;

	if (*lex->pos != '$' || lex->end - lex->pos < 2)
		return false;
	next = lex->pos[1];
	return next == '{' || next == '_' || amfs_map_alnum(next);
}

static void read_plain(struct amfs_map_lex *lex, enum amfs_map_role role,
		       struct amfs_map_word *word)
{
	if (role == AMFS_MAP_VALUE) {
		if (*lex->pos == '&') {
			*lex->out++ = AMFS_MAP_SUBST;
			lex->pos++;
			return;
		}
		if (at_variable(lex))
			word->var = true;
	}
	put_literal(lex, word);
}

/**
 * amfs_map_lex_word() - read the next word of the line
 * @lex: position, left at the end of the line if there is no further word
 * @role: what the word is for
 * @word: filled if there is one; its text lies in the map's words
 *
 * Return: whether there was one.
 */
bool amfs_map_lex_word(struct amfs_map_lex *lex, enum amfs_map_role role,
		       struct amfs_map_word *word)
{
	skip_blanks(lex);
	if (at_end(lex))
		return false;

	*word = (struct amfs_map_word){ .text.p = lex->out, .line = lex->line };
	if (*lex->pos != '"' && *lex->pos != '\\')
		word->lead = *lex->pos;

	while (!at_end(lex) && !is_blank(*lex->pos)) {
		if (skip_continuation(lex))
			continue;
		if (*lex->pos == '"') {
			read_quoted(lex, word);
		} else if (*lex->pos == '\\') {
			/* not the last byte, that would be a continuation */
			lex->pos++;
			put_literal(lex, word);
		} else {
			read_plain(lex, role, word);
		}
	}
	word->text.len = (size_t)(lex->out - word->text.p);
	return true;
}

/**
 * amfs_map_lex_next_line() - go to the next logical line
 * @lex: position anywhere in a line; what is left of that is dropped
 *
 * Return: false at the end of the file.
 */
bool amfs_map_lex_next_line(struct amfs_map_lex *lex)
{
	struct amfs_map_word dropped;

	/* by words, as only they know whether a backslash continues the line */
	while (amfs_map_lex_word(lex, AMFS_MAP_VALUE, &dropped))
		;
	if (lex->pos == lex->end)
		return false;
	lex->pos++;
	lex->line++;
	return true;
}
