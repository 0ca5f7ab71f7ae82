using System.CommandLine;
using System.Globalization;
using Fovea.Cli.Terminal;
using Fovea.Interpretation;
using Fovea.Runs;
using Fovea.Visualization.Objectives;

namespace Fovea.Cli.Commands;

/// <summary>The options of <c>fovea visualize</c> that say what its pictures are of, read into a <see cref="PictureRequest"/>.</summary>
internal sealed class PictureOptions
{
    private const string Kept = "kept";

    private static readonly (string Word, LatentTarget Target)[] Targets =
        [("pre-activation", LatentTarget.PreActivation), ("encoder", LatentTarget.EncoderDirection),
            ("decoder", LatentTarget.DecoderDirection)];

    private static readonly (string Word, Similarity Similarity)[] Similarities =
        [("dot", Similarity.Dot), ("cosine", Similarity.Cosine), ("dot-cos", Similarity.DotCosine(1)),
            ("dot-cos2", Similarity.DotCosine(2)), ("dot-cos4", Similarity.DotCosine(4))];

    private readonly Option<string?> _layer =
        new("--layer")
        {
            Description = "Any layer for neurons, directions, --dream and --invert (the first one harvested).",
            HelpName = "L"
        };
    private readonly Option<string> _source = new("--source")
    {
        Description = "neurons, or the name of a dictionary.",
        HelpName = "neurons|NAME",
        DefaultValueFactory = _ => UnitGroup.NeuronsName,
    };
    private readonly Option<string?> _features = new("--features")
    {
        Description = "Units to make pictures of, or weighted sums of units (3+17, 9-0.5*271); with --directions, rows of the file.",
        HelpName = "9,271,…",
    };
    private readonly Option<string[]> _logits = Many(
        "--logits", "Classes to make pictures of, by number, id or name: what raises their logits.", "CLASS…");
    private readonly Option<bool> _dream =
        new("--dream") { Description = "The layer as a whole: strengthens whatever it sees (deep dream). Most telling with --start." };
    private readonly Option<string?> _directions = new("--directions")
    {
        Description =
            "Directions in the layer's channels: a vector or a matrix of one a row, .npy or .safetensors (FILE#TENSOR where it has "
                + "several).",
        HelpName = "FILE",
    };
    private readonly Option<string[]> _invert = Many(
        "--invert", "Images, files or ids of the run's, to draw again from the layer's activations alone.", "IMAGE…");
    private readonly Option<string> _target = SharedOptions.Choice(
        new Option<string>("--target")
        {
            Description = "What of a latent is maximised (pre-activation).",
            HelpName = "pre-activation|encoder|decoder"
        }, Words(Targets));
    private readonly Option<string> _position =
        new("--position")
        {
            Description = "Where in the layer's map (mean): all positions, the centre or one, as 3,4.",
            HelpName = "mean|centre|ROW,COLUMN"
        };
    private readonly Option<string> _similarity = SharedOptions.Choice(
        new Option<string>("--similarity")
        {
            Description =
                "How directions are followed (dot), a latent's encoder or decoder direction (dot-cos2), or what --invert maximises in "
                    + "place of minus the distance.",
            HelpName = string.Join('|', Words(Similarities)),
        },
        Words(Similarities));
    private readonly Option<bool> _negative =
        new("--negative") { Description = "What they react to least: the objective with its sign turned." };
    private readonly Option<int?> _replicas = SharedOptions.Positive(
        new Option<int?>("--replicas") { Description = "Pictures of each, from different noise (1).", HelpName = "R" });
    private readonly Option<double?> _diversity =
        new("--diversity") { Description = "Pushes these apart: the weight of their textures' unlikeness at the layer.", HelpName = "W" };
    private readonly Option<string?> _start =
        new("--start")
        {
            Description = "An image to start from in place of noise, a file or an id of the run's (accentuation).",
            HelpName = "IMAGE"
        };
    private readonly Option<string?> _changes = new("--changes")
    {
        Description = "With --logits: pictures of the network with these units changed, as LAYER/SOURCE/UNIT:0 (fovea steer --help).",
        HelpName = "layer4/topk/12:0,…",
    };
    private readonly Option<string> _error = SharedOptions.Choice(
        new Option<string>("--error")
        {
            Description = "With --changes: whether what dictionaries do not explain stays (kept).",
            HelpName = "kept|dropped",
        },
        Kept, "dropped");
    private readonly Option<double?> _l2 =
        new("--l2") { Description = "Weight of the squared distance from that image, or from grey.", HelpName = "W" };

    public IEnumerable<Option> All =>
        [_layer, _source, _features, _logits, _dream, _directions, _invert, _target, _position, _similarity, _negative, _replicas,
            _diversity, _start, _l2, _changes, _error];

    /// <summary>How units of the network are changed; null: they are not.</summary>
    public (string Text, bool KeepsError)? Changes(CommandContext context) =>
        context.Get(_changes) is { } text ? (text, (context.Get(_error) ?? Kept) == Kept) : null;

    /// <summary>The layer named, if any.</summary>
    public string? Layer(CommandContext context) => context.Get(_layer);

    /// <summary>The source of the units.</summary>
    public string Source(CommandContext context) => context.Get(_source)!;

    /// <summary>What is asked for; null where none of these options says what, so that the whole stage is meant.</summary>
    /// <exception cref="FoveaException">Options contradict each other, or a value cannot be used.</exception>
    public PictureRequest? Read(CommandContext context)
    {
        Option[] kinds = [_features, _logits, _dream, _directions, _invert], given =
            [.. kinds.Where(option => context.Has(option) && (option != _dream || context.Get(_dream)))];
        if (given.Length == 0)
        {
            RefuseAll(context, [_target, _position, _similarity, _negative, _replicas, _diversity, _start, _l2, _changes, _error],
                "says how pictures of chosen units are made: choose them by --features, --logits, --dream, --directions or --invert");
            return null;
        }
        bool rows = context.Has(_directions) && context.Has(_features);
        if (given.Length > (rows ? 2 : 1))
            throw FoveaException.BadConfiguration(
                $"{string.Join(" and ", given.Select(option => option.Name))} ask for different pictures: give one command for each.");
        PictureKind kind = rows ? PictureKind.Directions : (PictureKind)Array.IndexOf(kinds, given[0]);
        bool units = kind == PictureKind.Units, latents = units && Source(context) != UnitGroup.NeuronsName;
        LatentTarget target = Find(Targets, context.Get(_target));
        int replicas = context.Get(_replicas) ?? 1;
        if (!units) RefuseAll(context, [_source], "belongs to --features");
        if (!latents) RefuseAll(context, [_target], "is for latents: name their dictionary with --source");
        if (kind is not (PictureKind.Units or PictureKind.Directions))
            RefuseAll(context, [_position], $"cannot be had with {given[0].Name}");
        if (!(kind is PictureKind.Directions or PictureKind.Inversion || (latents && target != LatentTarget.PreActivation)))
            RefuseAll(context, [_similarity], "needs a direction: --directions, --target encoder or decoder, or --invert");
        if (replicas == 1) RefuseAll(context, [_diversity], "is between several pictures of one unit: give --replicas 2 or more");
        if (kind != PictureKind.Logits) RefuseAll(context, [_changes, _error], "is for --logits: what raises a class in the changed network");
        else if (!context.Has(_changes)) RefuseAll(context, [_error], "belongs to --changes");
        if (kind == PictureKind.Logits && !context.Has(_diversity))
            RefuseAll(context, [_layer],
                "does not belong to --logits, which are the network's output; only --diversity compares pictures at a layer");
        return new PictureRequest(kind)
        {
            Layer = context.Get(_layer),
            Source = Source(context),
            Features = context.Get(_features) is { } features ? Expressions(features) : [],
            Names = context.Get(kind == PictureKind.Logits ? _logits : _invert) ?? [],
            Directions = context.Get(_directions),
            Target = target,
            Position = Position(context.Get(_position) ?? "mean"),
            Similarity = context.Get(_similarity) is { } similarity ? Find(Similarities, similarity) : null,
            Negative = context.Get(_negative),
            Replicas = replicas,
            Diversity = Weight(context, _diversity),
            Start = context.Get(_start),
            L2 = Weight(context, _l2),
            Variant =
            [
                .. context.Get(_negative) ? (string[])["negative"] : [],
                .. new[] { _target, _position, _similarity }.Where(context.Has)
                    .Select(option => context.Get(option)!.Replace(" ", "", StringComparison.Ordinal).Replace(',', '-'))
                        .Except(["mean", Targets[0].Word]),
                .. context.Has(_diversity) ? (string[])["diverse"] : [],
                .. context.Get(_start) is { } start ? (string[])[$"from-{Path.GetFileNameWithoutExtension(start)}"] : [],
            ],
        };
    }

    private static Option<string[]> Many(string name, string description, string help) => new(name)
    {
        Description = description,
        HelpName = help,
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [],
    };

    private static void RefuseAll(CommandContext context, IEnumerable<Option> options, string why)
    {
        foreach (Option option in options)
            if (context.Has(option)) throw FoveaException.BadConfiguration($"{option.Name} {why}.");
    }

    private static Reduction Position(string word)
    {
        if (word is "mean" or "centre") return word == "mean" ? Reduction.Mean : Reduction.Centre;
        int[] place =
            [.. word.Split(',', StringSplitOptions.TrimEntries)
                .Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : -1)];
        return place is [>= 0, >= 0] ? Reduction.At(place[0], place[1])
            : throw FoveaException.BadConfiguration(
                $"--position is '{word}': it must be mean, centre, or row and column counted from 0, as 3,4.");
    }

    private static double Weight(CommandContext context, Option<double?> option)
    {
        if (context.Get(option) is not { } weight) return 0;
        return weight > 0 && double.IsFinite(weight)
            ? weight : throw FoveaException.BadConfiguration($"{option.Name} is {weight}: it must be greater than 0.");
    }

    private static string[] Words<T>((string Word, T Value)[] choices) => [.. choices.Select(choice => choice.Word)];

    private static T Find<T>((string Word, T Value)[] choices, string? word) =>
        choices.FirstOrDefault(choice => choice.Word == word, choices[0]).Value;

    private static IReadOnlyList<FeatureExpression> Expressions(string text)
    {
        try
        {
            return FeatureExpression.List(text);
        }
        catch (FoveaException e)
        {
            throw FoveaException.BadConfiguration($"--features: {e.Message}", e);
        }
    }
}
