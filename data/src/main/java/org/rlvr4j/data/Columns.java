package org.rlvr4j.data;

/** Choice of the columns of a Parquet file that its problems keep; those of JSON Lines keep all of their fields. */
public enum Columns {

    /**
     * verl's five: {@code data_source}, {@code prompt} (role and content), {@code ability}, {@code reward_model} and
     * {@code extra_info}. Fields that are bytes are left out, and a value that cannot be read is null unless the prompt or
     * the answer needs it, so that no column that no one needs stands in the way.
     */
    VERL,

    /**
     * All columns that have plain values, for verifiers that need them. Bytes, such as those of images, are left out, also
     * as fields of a struct; a list or map of them is left out whole. Any other column that cannot be read, for its
     * type, a value in it, its compression or encryption, causes the file to be refused by the column's name.
     */
    ALL
}
