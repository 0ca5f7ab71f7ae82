namespace Fovea.Checkpoints;

/// <summary>
/// What wrappers do to the names of weights, undone in one place for every form of file: DataParallel puts <c>module.</c> before each name,
/// torch.compile <c>_orig_mod.</c>, AveragedModel <c>module.</c> and a counter <c>n_averaged</c>, Lightning and other trainers the name of
/// the attribute that holds the network (<c>model.</c>, <c>net.</c>, <c>backbone.</c>, <c>encoder.</c> …).
/// </summary>
internal static class WeightNames
{
    private const string Compiled = "_orig_mod.";

    private static readonly string[] Wrappers = ["module.", Compiled];

    // First parts of names that belong to a training and not to a network.
    private static readonly HashSet<string> OfTraining = new(StringComparer.OrdinalIgnoreCase)
    {
        "n_averaged", "criterion", "loss", "loss_fn", "loss_func", "objective", "optimizer", "optimizers", "optim", "scheduler",
            "lr_scheduler", "scaler",
        "metric", "metrics", "train_metrics", "val_metrics", "test_metrics", "train_acc", "val_acc", "test_acc", "accuracy", "epoch",
            "step", "global_step", "initted", "num_updates", "decay",
        // Auxiliary classifiers, which only train (torchvision's GoogLeNet and Inception v3).
        "aux1", "aux2", "AuxLogits",
    };

    private static readonly HashSet<string> AveragedWords =
        new(StringComparer.OrdinalIgnoreCase) { "ema", "swa", "averaged", "average", "avg", "shadow" };

    /// <summary>Whether a name says that weights are a running average.</summary>
    public static bool SaysAveraged(string name) => name.Split('_', '.', '-').Any(AveragedWords.Contains);

    /// <summary>
    /// The names without the wrappers that all of them carry (a counter of averages carries none), and without torch.compile's anywhere.
    /// The same names where two would become one.
    /// </summary>
    /// <param name="names">The names of a file.</param>
    /// <param name="removed">What came off the front, such as <c>module._orig_mod.</c>; empty where nothing did.</param>
    public static string[] WithoutWrappers(IReadOnlyList<string> names, out string removed)
    {
        removed = "";
        string[] network = [.. names.Where(name => name != "n_averaged")];
        if (network.Length == 0) return [.. names];
        int cut = 0;
        while (Wrappers.FirstOrDefault(
            wrapper => network.All(name => name.AsSpan(cut).StartsWith(wrapper, StringComparison.Ordinal))) is { } common)
            cut += common.Length;
        string[] renamed =
        [
            .. names.Select(name => name == "n_averaged" ? name : name[cut..].Replace("." + Compiled, ".", StringComparison.Ordinal)),
        ];
        if (renamed.Distinct(StringComparer.Ordinal).Count() != renamed.Length || renamed.Contains("")) return [.. names];
        removed = network[0][..cut];
        return renamed;
    }

    /// <summary>
    /// The prefix under which the names hold all that a network needs, and nothing but what belongs to a training or is another whole set
    /// of weights beside it; null where there is none, or where several would do and none can be preferred.
    /// </summary>
    /// <param name="names">The names of the weights.</param>
    /// <param name="needed">The names that the network needs.</param>
    /// <param name="wanted">The prefix that is asked for, with or without its dot; null: found.</param>
    /// <param name="others">Other prefixes under which a whole set lies; all of them where none can be preferred.</param>
    public static string? FindPrefix(
        IReadOnlyCollection<string> names, IReadOnlyList<string> needed, string? wanted, out IReadOnlyList<string> others)
    {
        others = [];
        if (needed.Count == 0) return null;
        var all = names.ToHashSet(StringComparer.Ordinal);
        string first = "." + needed[0];
        string[] whole =
        [
            .. names.Where(name => name.EndsWith(first, StringComparison.Ordinal)).Select(name => name[..^needed[0].Length])
                .Where(prefix => needed.All(name => all.Contains(prefix + name))).Order(StringComparer.Ordinal),
        ];
        string[] usable = wanted is null
            ? [.. whole.Where(prefix => !SaysAveraged(prefix))] : [.. whole.Where(prefix => prefix.TrimEnd('.') == wanted.TrimEnd('.'))];
        if (usable.Length == 0 && wanted is null) usable = whole;
        if (usable.Length != 1)
        {
            if (usable.Length > 1) others = usable;
            return null;
        }
        string chosen = usable[0];
        others = [.. whole.Where(prefix => prefix != chosen)];
        bool clean = names.All(
            name => whole.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)) || OfTraining.Contains(name.Split('.')[0]));
        return clean ? chosen : null;
    }

    /// <summary>Whether a name belongs to a training and not to a network.</summary>
    public static bool IsOfTraining(string name) => OfTraining.Contains(name.Split('.')[0]);

    /// <summary>The first parts that all names share, for a message; empty where there are none.</summary>
    public static string Shared(IReadOnlyList<string> names)
    {
        string[] network = [.. names.Where(name => !IsOfTraining(name))];
        if (network.Length == 0) return "";
        string shared = "";
        while (true)
        {
            int dot = network[0].IndexOf('.', shared.Length);
            if (dot < 0) return shared;
            string longer = network[0][..(dot + 1)];
            if (!network.All(name => name.StartsWith(longer, StringComparison.Ordinal))) return shared;
            shared = longer;
        }
    }
}
