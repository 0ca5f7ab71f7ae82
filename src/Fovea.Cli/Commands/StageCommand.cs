using System.CommandLine;
using Fovea.Cli.Recipes;
using Fovea.Cli.Terminal;
using Fovea.Cli.Workflows;

namespace Fovea.Cli.Commands;

/// <summary>Base of the commands that run one stage of an existing run, by its own recipe with changes from options.</summary>
internal abstract class StageCommand : WorkflowCommand
{
    private readonly Option<string?> _redo = new("--redo")
    {
        Description = "Do the stage again where it is finished; with a name, from that stage on.",
        HelpName = "STAGE",
        Arity = ArgumentArity.ZeroOrOne,
    };
    private readonly List<(Option Option, Func<CommandContext, string?> Value, string Key)> _settings = [];
    private readonly string _stage;

    protected StageCommand(AppEnvironment app, string name, string stage, string description) : base(app, name, description)
    {
        _stage = stage;
        Add(Run);
        _redo.Validators.Add(WholeRunCommand.RequireStage);
        Add(_redo);
    }

    /// <summary><c>--run</c>.</summary>
    protected Option<string> Run { get; } = SharedOptions.Run();

    /// <summary>Adds an option that stands for a setting of the recipe.</summary>
    protected Option<T?> AddSetting<T>(string option, string key, string description, string helpName)
    {
        var setting = new Option<T?>(option) { Description = $"{description} ({key})", HelpName = helpName };
        Add(setting);
        _settings.Add((setting, context => context.Has(setting) ? RecipeWriter.Literal(context.Get(setting)!) : null, key));
        return setting;
    }

    /// <summary>Further overrides of the command, applied before <c>--set</c>.</summary>
    protected virtual IEnumerable<RecipeOverride> StageOverrides(CommandContext context) => [];

    /// <summary>Where an option's setting goes; by default where it was declared.</summary>
    protected virtual string KeyOf(CommandContext context, string key) => key;

    /// <summary>Prints the stage's results.</summary>
    protected abstract void Report(CommandContext context, Recipe recipe, WorkflowOutcome outcome);

    protected sealed override bool Redoes(CommandContext context) => context.Has(_redo);

    protected override int Execute(CommandContext context)
    {
        Recipe recipe = ReadRecipe(context);
        WorkflowRequest request = Request(context, recipe);
        if (Work(context, request) is { } code) return code;
        Report(context, recipe, RunStages(context, request));
        return ExitCode.Done;
    }

    /// <summary>What the stage is asked for.</summary>
    protected WorkflowRequest Request(CommandContext context, Recipe recipe) =>
        Request(context, recipe, context.Get(Run)!, context.Has(_redo) ? context.Get(_redo) ?? _stage : null, _stage);

    /// <summary>The run's recipe with the options over it.</summary>
    protected Recipe ReadRecipe(CommandContext context)
    {
        IEnumerable<RecipeOverride> options = _settings
            .Select(setting => (setting.Option.Name, Value: setting.Value(context), setting.Key))
            .Where(setting => setting.Value is not null)
            .Select(setting => new RecipeOverride($"{KeyOf(context, setting.Key)}={setting.Value}", $"{setting.Name} {setting.Value}"));
        return Recipe.OfRun(context.Get(Run)!, [.. StageOverrides(context), .. options, .. Overrides(context)]);
    }
}
