using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Fovea.Cli.Terminal;

/// <summary>The options that several commands have, each defined once.</summary>
internal static class SharedOptions
{
    public const string JsonName = "--json";

    public static Option<bool> Json { get; } = new(JsonName)
    {
        Description = "Print exactly one JSON document on stdout.",
        Recursive = true
    };

    public static Option<bool> Quiet { get; } = new(
        "--quiet", "-q")
    { Description = "No progress and no notes on stderr; warnings and errors remain.", Recursive = true };

    public static Option<string?> WeightsKey { get; } = new("--weights-key")
    {
        Description = "Which weights of a checkpoint that holds several, such as state_dict_ema (the usual ones).",
        HelpName = "KEY",
    };

    public static Option<bool> Verbose { get; } = new("--verbose", "-v")
    {
        Description = "More notes; the stack trace of an error.",
        Recursive = true,
    };

    public static Option<string?> Labels { get; } = new("--labels")
    {
        Description = "Labels of ImageNet's validation images: the devkit (.tar.gz or folder) or LOC_val_solution.csv (looked for beside them).",
        HelpName = "FILE",
    };

    public static Option<string?> Preprocess { get; } = new("--preprocess")
    {
        Description = "A file like the network's whose graph images go through first (none).",
        HelpName = "FILE"
    };

    public static Option<int?> Threads { get; } = Positive(
        new Option<int?>("--threads") { Description = "Threads for the computation (all cores).", HelpName = "N" });

    public static Option<string> Device { get; } = Choice(
        new Option<string>("--device")
        {
            Description = "Where tensors live: auto, cpu, cuda or mps.",
            HelpName = "auto|cpu|cuda|mps",
            DefaultValueFactory = _ => "auto"
        },
        "auto", "cpu", "cuda", "mps");

    public static Option<ulong?> Seed { get; } = new("--seed")
    {
        Description = "The seed of every random number (the recipe's).",
        HelpName = "N"
    };

    public static Option<string[]> Set { get; } = new("--set")
    {
        Description =
            "Put a value over the recipe's; may be repeated. Of [[dictionary]], by position, name or *: dictionary.topk.epochs=2.",
        HelpName = "key=value",
        DefaultValueFactory = _ => [],
    };

    /// <summary>Options of every command.</summary>
    public static void AddGlobal(RootCommand root)
    {
        root.Add(Json);
        root.Add(Quiet);
        root.Add(Verbose);
    }

    /// <summary>The run folder a stage's command works in.</summary>
    public static Option<string> Run() => new("--run") { Description = "The run folder.", HelpName = "DIR", Required = true };

    /// <summary>Refuses a value that is not one of the choices, with a suggestion.</summary>
    public static Option<string> Choice(Option<string> option, params string[] choices)
    {
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && !choices.Contains(result.Tokens[0].Value))
                result.AddError($"{option.Name} is '{result.Tokens[0].Value}': it must be one of {string.Join(", ", choices)}.");
        });
        return option;
    }

    /// <summary>Refuses values below <paramref name="least"/>.</summary>
    public static Option<int?> Positive(Option<int?> option, int least = 1)
    {
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out int value) && value < least)
                result.AddError($"{option.Name} is {value}: it must be at least {least}.");
        });
        return option;
    }

    /// <summary>The slope of a LeakyReLU: from 0 to 1, as in a recipe.</summary>
    public static Option<double> Slope(Option<double> option)
    {
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && result.GetValueOrDefault<double>() is not (>= 0 and <= 1))
                result.AddError($"{option.Name} is {result.Tokens[0].Value}: it must be from 0 to 1.");
        });
        return option;
    }

    /// <summary>Three numbers with commas, one a channel; one number stands for all three.</summary>
    public static Option<float[]?> Channels(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "R,G,B",
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = ParseChannels,
    };

    private static float[]? ParseChannels(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        float[] numbers = [.. text.Split(',').Select(part =>
            float.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out float number) ? number : float.NaN)];
        if (numbers.Length is 1 or 3 && numbers.All(float.IsFinite))
            return numbers.Length == 3 ? numbers : [numbers[0], numbers[0], numbers[0]];
        result.AddError($"'{text}' is not three numbers with commas, one a channel: 0.485,0.456,0.406.");
        return null;
    }
}
