using Fovea.Runs.Settings;

namespace Fovea.Runs.Graph;

/// <summary>The stages that a recipe asks for, each after those it is made from.</summary>
internal sealed class StageGraph
{
    private readonly IReadOnlyList<StageKind> _kinds;
    private readonly Dictionary<string, IStage> _byName = new(StringComparer.Ordinal);

    /// <summary>The graph of a recipe.</summary>
    /// <exception cref="FoveaException">Configuration: two stages have one name, or one is made after another that the recipe does not ask
    /// for.</exception>
    public StageGraph(IReadOnlyList<StageKind> kinds, WorkflowSettings settings)
    {
        _kinds = kinds;
        foreach (var stage in kinds.SelectMany(kind => kind.Of(settings)))
        {
            if (stage.After.FirstOrDefault(name => !_byName.ContainsKey(name)) is { } missing)
                throw FoveaException.BadConfiguration(
                    $"Stage '{stage.Name}' is made from '{missing}', which the recipe does not ask for before it.");
            if (!_byName.TryAdd(stage.Name, stage)) throw FoveaException.BadConfiguration($"The recipe asks for '{stage.Name}' twice.");
        }
        Stages = [.. _byName.Values];
    }

    /// <summary>In an order in which each stands after those it is made from.</summary>
    public IReadOnlyList<IStage> Stages { get; }

    /// <summary>The kinds of stages that the recipe asks for, in order.</summary>
    public IReadOnlyList<StageGroup> Groups()
    {
        var stages = Stages.ToLookup(KindOf);
        Dictionary<string, HashSet<string>> above = new(StringComparer.Ordinal);
        List<StageGroup> groups = [];
        foreach (var kind in _kinds.Where(kind => stages.Contains(kind.Word)))
        {
            string[] direct = [.. stages[kind.Word].SelectMany(stage => stage.After).Select(name => KindOf(_byName[name])).Distinct()
                .Where(word => word != kind.Word)];
            above[kind.Word] = [.. direct, .. direct.SelectMany(word => above[word])];
            string[] needed = [.. direct.Where(word => !direct.Any(other => above[other].Contains(word)))];
            int?[] parts = [.. stages[kind.Word].Select(stage => stage.PartCount)];
            groups.Add(new StageGroup(kind.Word, needed, parts.Contains(null) ? null : parts.Sum()));
        }
        return groups;
    }

    /// <summary>The stages of a kind, or the one of a full name.</summary>
    /// <param name="words">What <c>--redo</c> or <c>--until</c> was given.</param>
    /// <exception cref="FoveaException">Configuration: there is no such kind or stage.</exception>
    public IReadOnlyList<IStage> Named(string words)
    {
        if (_byName.TryGetValue(words, out var one)) return [one];
        if (_kinds.Any(kind => kind.Word == words)) return [.. Stages.Where(stage => KindOf(stage) == words)];
        throw FoveaException.BadConfiguration(
            $"There is no stage "
                + $"'{words}'. There are: {string.Join(", ", _kinds.Select(kind => kind.Word).Union(Stages.Select(stage => stage.Name)))}.");
    }

    /// <summary>Some stages and all that they are made from, in order; all stages for null.</summary>
    /// <exception cref="FoveaException">Configuration: there is no such kind or stage, or the recipe asks for none of it.</exception>
    public IReadOnlyList<IStage> UpTo(string? words)
    {
        if (words is null) return Stages;
        HashSet<string> wanted = [.. Named(words).Select(stage => stage.Name)];
        if (wanted.Count == 0)
            throw FoveaException.BadConfiguration(
                $"The recipe asks for no {words}: its stages are {string.Join(", ", Stages.Select(stage => stage.Name))}.");
        foreach (var stage in Enumerable.Reverse(Stages).Where(stage => wanted.Contains(stage.Name))) wanted.UnionWith(stage.After);
        return [.. Stages.Where(stage => wanted.Contains(stage.Name))];
    }

    /// <summary>Some stages and all that are made from them, in order.</summary>
    public IReadOnlyList<IStage> From(string words)
    {
        HashSet<string> found = [.. Named(words).Select(stage => stage.Name)];
        foreach (var stage in Stages.Where(stage => stage.After.Any(found.Contains))) found.Add(stage.Name);
        return [.. Stages.Where(stage => found.Contains(stage.Name))];
    }

    private static string KindOf(IStage stage) => stage.Name.Split(' ')[0];
}
