using Fovea.Explorer.Tests;
using Fovea.Fuzz.Changes;
using Fovea.Numerics;

namespace Fovea.Fuzz.Readers;

/// <summary>Tables of a run folder: features, examples, effects. Input: which table, then the file.</summary>
internal sealed class TableReader : FuzzReader
{
    private static readonly (string Pattern, Action<string> Read)[] Kinds =
    [
        ("features.parquet", path => TableFile.Read<FeatureRow>(path)), ("examples.parquet", path => TableFile.Read<ExampleRow>(path)),
        ("effects.parquet", path => TableFile.Read<EffectRow>(path)), ("examples.parquet", path => ExampleTable.Open(path)),
    ];

    public override string Name => "tables";

    public override string About => "tables of a run's evidence (TableFile, ExampleTable)";

    public override IReadOnlyList<string> Types => ["Fovea.Documents.TableFile", "Fovea.Documents.TableCheck", "Fovea.Documents.TableForms", "Fovea.IO.Thrift", "Fovea.Documents.ExampleTable", "Fovea.Documents.FeatureRow",
        "Fovea.Documents.ExampleRow", "Fovea.Documents.EffectRow"];

    // Parquet.Net reads on threads of the pool.
    public override bool Threads => true;

    public override IReadOnlyList<byte[]> Seeds()
    {
        using RunFolderFixture run = RunFolderFixture.Evidenced();
        List<byte[]> seeds = [];
        for (byte kind = 0; kind < Kinds.Length; kind++)
        {
            string[] files = Directory.GetFiles(run.Folder, Kinds[kind].Pattern, SearchOption.AllDirectories);
            seeds.AddRange(files.Order(StringComparer.Ordinal).Select(System.IO.File.ReadAllBytes).Where(file => file.Length < Limits.Input)
                .Take(2).Select(file => (byte[])[kind, .. file]));
        }
        return seeds;
    }

    public override byte[] Change(byte[] input, CounterRandom random) => input.Length == 0 ? input
        : [random.NextInt(50) == 0 ? (byte)random.NextInt(Kinds.Length) : input[0], .. ParquetChanges.Any(input[1..], random)];

    public override void Read(byte[] input)
    {
        if (input.Length > 0) Kinds[input[0] % Kinds.Length].Read(File(input[1..], "table.parquet"));
    }
}
