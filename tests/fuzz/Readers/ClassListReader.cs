using System.Text;
using Fovea.Datasets;
using Fovea.Fuzz.Changes;
using Fovea.IO;
using Fovea.Numerics;
using Fovea.Runs.Notes;

namespace Fovea.Fuzz.Readers;

/// <summary>Tables as text: lists of classes, Kaggle's labels, comma-separated values, notes as a table. Input: which, then the file.</summary>
internal sealed class ClassListReader : FuzzReader
{
    private static readonly byte[][] Files =
    [
        "index\tid\tname\n0\tn01\tcat\n1\tn02\tdog\n"u8.ToArray(), "[\"cat\", [\"n02\", \"dog\"]]"u8.ToArray(),
        "{\"id2label\": {\"0\": \"cat\", \"1\": [\"n02\", \"dog\"]}}"u8.ToArray(), "{\"cat\": 0, \"dog\": 1}"u8.ToArray(),
        "n01440764 tench, Tinca tinca\nn01443537 goldfish\n"u8.ToArray(),
        "ImageId,PredictionString\nILSVRC2012_val_00000001,n01440764 85 1 499 272\n"u8.ToArray(),
        "image,group,\"a \"\"b\"\"\"\r\n1.png,1,\"x,\ny\"\n2.png,0,\n"u8.ToArray(),
        Encoding.UTF8.GetBytes(NoteTable.Text([])),
    ];

    public override string Name => "tables-of-text";

    public override string About => "TSV, CSV, JSON and WordNet lists of classes, labels, groups and notes (ClassTable, CommaSeparated, NoteTable)";

    public override IReadOnlyList<string> Types => ["Fovea.Datasets.ClassTable", "Fovea.Datasets.JsonClasses", "Fovea.Datasets.ClassList",
        "Fovea.IO.CommaSeparated", "Fovea.Runs.Notes.NoteTable"];

    public override IReadOnlyList<byte[]> Seeds() => [.. Files.SelectMany(file => Enumerable.Range(0, 4).Select(kind => (byte[])[(byte)kind, .. file]))];

    public override byte[] Change(byte[] input, CounterRandom random) =>
        input.Length == 0 ? input : [input[0], .. TextChanges.Any(input.AsSpan(1), random)];

    public override void Read(byte[] input)
    {
        if (input.Length == 0) return;
        byte[] file = input[1..];
        switch (input[0] % 4)
        {
            case 0: ClassTable.Read(File(file, "classes.tsv")); break;
            case 1: GroundTruth.OfKaggle(file, null, "LOC_val_solution.csv"); break;
            case 2: foreach (var _ in CommaSeparated.Read(Encoding.UTF8.GetString(file), "groups.csv")) { } break;
            default: NoteTable.Parse(file, "notes.csv"); break;
        }
    }
}
