using System.Globalization;
using Fovea.Dictionaries.Sparse;
using Fovea.IO;
using Fovea.Runs.Settings;

namespace Fovea.Runs.Stages.Sweeps;

/// <summary>The autoencoders of a sweep, and which of them are trained together.</summary>
internal static class SweepPlan
{
    /// <summary>What the parameters of autoencoders in training may take, four numbers each: a bound on memory that laptops have.</summary>
    private const double MemoryBytes = 1.5e9;

    /// <summary>Most seeds of one table.</summary>
    public const int MostSeeds = 1000;

    private const long MostMembers = 10_000;

    /// <summary>Every combination of the lists' values, in their order.</summary>
    /// <exception cref="FoveaException">Configuration: two have the same name, or they are more than anybody trains.</exception>
    public static IReadOnlyList<SweepMember> Members(SweepSettings sweep, ulong seed)
    {
        RequireFew(sweep);
        SweepMember[] members = [.. sweep.Dictionary.SelectMany(entry => Members(sweep, entry, seed))];
        RequireFolders(sweep, members.Select(member => member.Id));
        return members;
    }

    /// <summary>The names of the autoencoders, whatever else is wrong with them.</summary>
    /// <exception cref="FoveaException">Configuration: two have the same name, one cannot be a folder, or they are more than anybody trains.</exception>
    public static IReadOnlyList<string> Names(SweepSettings sweep)
    {
        RequireFew(sweep);
        string[] names =
        [
            .. sweep.Dictionary.SelectMany(
                entry => Combinations(sweep, entry).Select(one => Name(entry, one.Filter, one.Expansion, one.Sparsity, one.Number).Id)),
        ];
        RequireFolders(sweep, names);
        return names;
    }

    /// <summary>Before they are listed: a short recipe can ask for billions.</summary>
    private static void RequireFew(SweepSettings sweep)
    {
        double members = sweep.Dictionary.Sum(entry => (double)Math.Max(1, entry.Filters.Count) * Math.Max(1, entry.Expansions.Count)
            * Math.Max(1, entry.Sparsities.Count) * Seeds(entry));
        if (members > MostMembers)
            throw FoveaException.BadConfiguration($"Sweep '{sweep.Name}' asks for {members:0} autoencoders: it must be at most {MostMembers}.");
    }

    // Whatever else is wrong: the rule of the setting says so.
    private static int Seeds(SweepDictionarySettings entry) => Math.Clamp(entry.Seeds, 0, MostSeeds);

    private static void RequireFolders(SweepSettings sweep, IEnumerable<string> names)
    {
        string[] all = [.. names];
        foreach (string name in all) SafeName.Require(name, $"an autoencoder of sweep '{sweep.Name}'");
        if (SafeName.Collision(all) is not var (first, second)) return;
        string which = first == second
            ? $"two autoencoders called '{first}'" : $"autoencoders called '{first}' and '{second}', which are one folder on some disks";
        throw FoveaException.BadConfiguration(
            $"Sweep '{sweep.Name}' has {which}: give one of their [[sweep.dictionary]] tables another label.");
    }

    /// <summary>
    /// Groups that are trained on one reading each. Their members need the same vectors in the same order, are of one kind of step
    /// (libtorch's threads stay awake after an operation, and would take the cores from our own) and fit into memory together. No result
    /// depends on the grouping.
    /// </summary>
    /// <param name="members">Of one sweep.</param>
    /// <param name="inputSize">d.</param>
    public static IEnumerable<SweepMember[]> Waves(IEnumerable<SweepMember> members, int inputSize)
    {
        foreach (var alike in members.GroupBy(
            member => (member.Filter, member.Options.BatchSize, member.Options.Epochs, member.Options.Seed, member.Options.Cap,
                member.Options.Normalization, IsSparse(member, inputSize))))
        {
            var wave = new List<SweepMember>();
            double bytes = 0;
            foreach (var member in alike)
            {
                double own = 4.0 * sizeof(float) * 2 * inputSize * member.Options.LatentsFor(inputSize);
                if (wave.Count > 0 && bytes + own > MemoryBytes)
                {
                    yield return [.. wave];
                    (bytes, wave) = (0, []);
                }
                wave.Add(member);
                bytes += own;
            }
            yield return [.. wave];
        }
    }

    private static IEnumerable<SweepMember> Members(SweepSettings sweep, SweepDictionarySettings entry, ulong seed) =>
        Combinations(sweep, entry).Select(one => Member(sweep, entry, one.Filter, one.Expansion, one.Sparsity, one.Number, seed));

    private static IEnumerable<(string Filter, double Expansion, double Sparsity, int Number)> Combinations(
        SweepSettings sweep, SweepDictionarySettings entry) =>
        from filter in entry.Filters.Count > 0 ? entry.Filters : [entry.Filter]
        from expansion in entry.Expansions.Count > 0 ? entry.Expansions : [entry.OptionsIn(sweep).Expansion]
        from sparsity in entry.Sparsities.Count > 0 ? entry.Sparsities : [entry.Options.Variant.Sparsity]
        from number in Enumerable.Range(0, Seeds(entry))
        select (filter, expansion, sparsity, number);

    private static SweepMember Member(
        SweepSettings sweep, SweepDictionarySettings entry, string filter, double expansion, double sparsity, int number, ulong seed)
    {
        var (label, setting, id) = Name(entry, filter, expansion, sparsity, number);
        var options = entry.OptionsIn(sweep).WithSparsity(sparsity) with { Name = id, Expansion = expansion, Seed = seed + (ulong)number };
        return new SweepMember(id, setting, label, filter, options, number, entry.Clips);
    }

    private static (string Label, string Setting, string Id) Name(
        SweepDictionarySettings entry, string filter, double expansion, double sparsity, int number)
    {
        string label = entry.Label ?? entry.Options.Variant.Architecture;
        string setting = label + (entry.Sparsities.Count > 0 ? $"-{Text(sparsity)}" : "")
            + (entry.Expansions.Count > 1 ? $"-x{Text(expansion)}" : "")
            + (entry.Filters.Count > 1 ? $"-{filter}" : "");
        return (label, setting, entry.Seeds > 1 ? $"{setting}-seed{number}" : setting);
    }

    private static bool IsSparse(SweepMember member, int inputSize)
    {
        using var probe = AutoencoderVariants.Create(member.Options, inputSize);
        using var rule = probe.Rule();
        return rule is not null && probe.DecoderIsFree;
    }

    private static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);
}
