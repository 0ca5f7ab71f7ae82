#:package DuckDB.NET.Data.Full@1.5.6.1
#:property ManagePackageVersionsCentrally=false
#:property PublishAot=false
// Writes the rows of arrow-nulls.parquet (tests/reference/image_sources.py) again as DuckDB writes Parquet, into the folder given:
//     dotnet run tests/reference/duckdb_images.cs tests/Fovea.Tests/Datasets/Fixtures
using DuckDB.NET.Data;

string folder = Path.GetFullPath(args[0]);
using var connection = new DuckDBConnection("Data Source=:memory:");
connection.Open();
foreach (var (name, options) in new[]
{
    ("duckdb-v1.parquet", "COMPRESSION snappy"),
    ("duckdb-v2.parquet", "COMPRESSION zstd, PARQUET_VERSION V2"),
})
{
    using var command = connection.CreateCommand();
    command.CommandText = $"COPY (SELECT image, label FROM read_parquet('{folder}/arrow-nulls.parquet')) TO '{folder}/{name}' "
        + $"(FORMAT parquet, {options})";
    command.ExecuteNonQuery();
    Console.WriteLine($"{name}: {new FileInfo(Path.Combine(folder, name)).Length} bytes");
}
