using System.Text.Json.Nodes;
using Fovea.IO;
using Fovea.Runs;

namespace Fovea.Cli.Workflows;

/// <summary>What the stages wrote into a run folder, as far as the commands print it.</summary>
internal sealed class RunDocuments(string runFolder)
{
    private readonly RunFolder _run = new(runFolder);

    /// <summary>Epochs in the network's training history; 0 where it was not trained.</summary>
    public int Epochs()
    {
        string path = Path.Combine(_run.Model, "history.jsonl");
        return File.Exists(path) ? JsonFile.ReadLines<JsonNode>(path).Count : 0;
    }

    /// <summary>What was harvested of a layer.</summary>
    public HarvestSummary Harvest(string layer)
    {
        string folder = _run.ActivationsOf(layer);
        JsonNode manifest = JsonFile.Read<JsonNode>(Path.Combine(folder, "manifest.json"));
        string filtersPath = Path.Combine(folder, "filters.json");
        JsonArray filters = File.Exists(filtersPath) ? JsonFile.Read<JsonNode>(filtersPath)["filters"]?.AsArray() ?? [] : [];
        return new HarvestSummary(
            layer,
            (long)manifest["images"]!,
            (long)manifest["vectors"]!,
            (int)manifest["channels"]!,
            [.. manifest["grid"]!.AsArray().Select(side => (int)side!)],
            [.. filters.Select(filter => new FilterSummary((string)filter!["name"]!, (double?)filter["allZeroFraction"] ?? 0))]);
    }

    /// <summary>The dictionaries of a sweep, measured by its first filter.</summary>
    public IEnumerable<SweepDictionary> Sweep(string layer, string name)
    {
        JsonNode sweep = JsonFile.Read<JsonNode>(Path.Combine(_run.Sweep(layer, name), "sweep.json"));
        string filter = (string)sweep["validate"]![0]!;
        return sweep["points"]!.AsArray().Select(point =>
        {
            JsonNode[] folds = [.. point!["measures"]![filter]!.AsArray().Select(fold => fold!["scores"]!)];
            double Mean(string key) => folds.Average(fold => (double)fold[key]!);
            return new SweepDictionary(name, layer, filter, (string)point["id"]!, (string)point["architecture"]!, (int)point["dIn"]!, (int)point["dSae"]!, (double?)point["clip"],
                Mean("l0"), Mean("fvu"), Mean("deadFraction"), Mean("loss"), (double?)point["splice"]?["top1Lost"]?["mean"]);
        });
    }

    /// <summary>What a sweep went on without.</summary>
    public IEnumerable<SweepLeftOut> LeftOut(string layer, string name) =>
        JsonFile.Read<JsonNode>(Path.Combine(_run.Sweep(layer, name), "sweep.json"))["failed"] is JsonArray failed
            ? failed.Select(one => new SweepLeftOut(name, layer, (string)one!["id"]!, (string)one["reason"]!))
            : [];
}

/// <summary>One harvested layer.</summary>
internal sealed record HarvestSummary(string Layer, long Images, long Vectors, int Channels, IReadOnlyList<int> Grid, IReadOnlyList<FilterSummary> Filters);

/// <summary>One filter over the harvested images.</summary>
internal sealed record FilterSummary(string Name, double AllZeroFraction);

/// <summary>A dictionary that a sweep went on without, and why.</summary>
internal sealed record SweepLeftOut(string Sweep, string Layer, string Name, string Reason);

/// <summary>One dictionary of a sweep; measures are means over folds, <see cref="Top1Lost"/> is a fraction, null where none was spliced in.</summary>
internal sealed record SweepDictionary(
    string Sweep, string Layer, string Filter, string Name, string Architecture, int DIn, int DSae, double? Clip, double L0, double Fvu, double DeadFraction, double Loss, double? Top1Lost);
