#!/usr/bin/env bash
# Parquet.Net 6.1.0 beside DuckDB 1.5.6 (28 November 2026): a column inside a struct, read by ParquetRowGroupReader.ReadAsync into one place a row, loses its place after a row whose struct is null: the values that
# follow move up, the last place stays empty, and nothing is thrown. One would have guessed values by row, with nulls where they were written. Hugging Face keeps images as such structs (image{bytes, path}), so labels
# would belong to other images. The deserialiser of classes (ParquetSerializer) is another way to read them.
. "$(dirname "$0")/common.sh"
cat <<C | program "Parquet.Net 6.1.0" "DuckDB.NET.Data.Full 1.5.6.1"
using DuckDB.NET.Data;
using Parquet;
using Parquet.Schema;

string path = "$work/rows.parquet";
using (var connection = new DuckDBConnection("DataSource=:memory:"))
{
    connection.Open();
    using var command = connection.CreateCommand();
    command.CommandText = "COPY (SELECT * FROM (VALUES ({'path': 'a', 'size': 1}), (NULL), ({'path': NULL, 'size': 3}), ({'path': 'd', 'size': 4})) t(image)) TO '" + path + "' (FORMAT parquet)";
    command.ExecuteNonQuery();
    command.CommandText = "SELECT image.path FROM '" + path + "'";
    using var rows = command.ExecuteReader();
    var right = new List<string>();
    while (rows.Read()) right.Add(rows.IsDBNull(0) ? "null" : rows.GetString(0));
    Console.WriteLine("DuckDB:      " + string.Join(" ", right));
}
using var stream = File.OpenRead(path);
await using var reader = await ParquetReader.CreateAsync(stream);
using var group = reader.OpenRowGroupReader(0);
DataField field = reader.Schema.GetDataFields().First(one => one.Path.ToString() == "image/path");
var values = new string?[4];
await group.ReadAsync(field, values.AsMemory());
Console.WriteLine("Parquet.Net: " + string.Join(" ", values.Select(value => value is null ? "null" : value.Length == 0 ? "(empty)" : value)));
C
still 'DuckDB:      a null null d
Parquet.Net: a null d (empty)'
