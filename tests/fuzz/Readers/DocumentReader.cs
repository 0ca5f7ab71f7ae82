using System.Reflection;
using Fovea.Explorer.Tests;
using Fovea.Fuzz.Changes;
using Fovea.Numerics;

namespace Fovea.Fuzz.Readers;

/// <summary>Every JSON document of a run folder, each as the type that it is. Input: which type, then the text.</summary>
internal sealed class DocumentReader : FuzzReader
{
    private delegate object Parse(ReadOnlySpan<byte> json, string name);

    private static readonly Parse[] Kinds = [.. typeof(IDocument).Assembly.GetTypes()
        .Where(type => type is { IsAbstract: false, IsClass: true } && type.IsAssignableTo(typeof(IDocument)))
        .OrderBy(type => type.FullName, StringComparer.Ordinal)
        .Select(type => typeof(DocumentFile).GetMethod(nameof(DocumentFile.Parse), BindingFlags.Public | BindingFlags.Static)!
            .MakeGenericMethod(type).CreateDelegate<Parse>())];

    public override string Name => "documents";

    public override string About => "documents of a run, its evidence and notes (DocumentFile)";

    public override IReadOnlyList<string> Types => ["Fovea.Documents."];

    public override IReadOnlyList<byte[]> Seeds()
    {
        using RunFolderFixture run = RunFolderFixture.Evidenced();
        List<byte[]> seeds = [];
        var counts = new int[Kinds.Length];
        foreach (string file in Directory.GetFiles(run.Folder, "*.json*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            byte[] text = System.IO.File.ReadAllBytes(file);
            if (file.EndsWith(".jsonl", StringComparison.Ordinal)) text = text[..(text.AsSpan().IndexOf((byte)'\n') + 1)];
            for (int kind = 0; kind < Kinds.Length && text.Length < 20_000; kind++)
            {
                if (counts[kind] >= 2 || !IsOne(kind, text)) continue;
                counts[kind]++;
                seeds.Add([(byte)kind, .. text]);
            }
        }
        // The types of which the run has none begin with the least that says a schema.
        for (int kind = 0; kind < Kinds.Length; kind++) if (counts[kind] == 0) seeds.Add([(byte)kind, .. "{\"schema\": 1}"u8]);
        return seeds;
    }

    public override byte[] Change(byte[] input, CounterRandom random) =>
        input.Length == 0 ? input : [input[0], .. TextChanges.Any(input.AsSpan(1), random)];

    public override void Read(byte[] input)
    {
        if (input.Length > 0) Kinds[input[0] % Kinds.Length](input.AsSpan(1), "document.json");
    }

    private static bool IsOne(int kind, byte[] text)
    {
        try
        {
            Kinds[kind](text, "");
            return true;
        }
        catch (FoveaException)
        {
            return false;
        }
    }
}
