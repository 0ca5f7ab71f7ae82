using System.Reflection;
using System.Text;
using Fovea.Runs.Settings;

namespace Fovea.Cli.Recipes;

/// <summary>A recipe read, overridden, checked and resolved: what the workflow gets.</summary>
internal sealed class Recipe
{
    /// <summary>File name of the resolved recipe in a run folder.</summary>
    public const string FileName = "recipe.toml";

    private Recipe(WorkflowSettings settings, string folder, string resolved) =>
        (Settings, Folder, Resolved) = (settings, folder, resolved);

    /// <summary>The settings; paths are absolute.</summary>
    public WorkflowSettings Settings { get; }

    /// <summary>The folder the recipe's paths are meant from.</summary>
    public string Folder { get; }

    /// <summary>The resolved recipe as TOML.</summary>
    public string Resolved { get; }

    /// <summary>Reads a recipe's file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="overrides">Each <c>key=value</c>, later ones over earlier ones; with how the option is named, or null for
    /// <c>--set</c>.</param>
    /// <exception cref="FoveaException">The file is missing (exit 3), or anything in it is wrong (exit 2).</exception>
    public static Recipe Read(string path, IEnumerable<RecipeOverride> overrides) =>
        From(ReadText(path), path, Path.GetDirectoryName(Path.GetFullPath(path))!, resolved: false, overrides);

    /// <summary>Reads the resolved recipe of a run folder.</summary>
    /// <exception cref="FoveaException">The folder holds no run (exit 3), or the overrides do not fit (exit 2).</exception>
    public static Recipe OfRun(string runFolder, IEnumerable<RecipeOverride> overrides)
    {
        string path = Path.Combine(runFolder, FileName);
        if (!File.Exists(path))
            throw FoveaException.BadData(
                $"{runFolder} holds no run (it has no {FileName}). Start one with: fovea run RECIPE.toml --out {runFolder}");
        string text = ReadText(path);
        try
        {
            return From(text, path, runFolder, resolved: true, overrides);
        }
        catch (FoveaException e) when (e.Kind == FailureKind.Configuration && !overrides.Any())
        {
            throw new FoveaException(
                e.Kind, $"{e.Message}\nIt is the run's own copy of its recipe: the command that made the run (fovea run … --out {runFolder}) writes it again.", e);
        }
    }

    /// <summary>Reads a recipe that is built into the program, by its name without the ending.</summary>
    public static Recipe BuiltIn(string name, IEnumerable<RecipeOverride> overrides)
    {
        string resource = $"recipes/{name}.toml";
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"The program lacks its recipe {name}.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return From(reader.ReadToEnd(), resource, Environment.CurrentDirectory, resolved: false, overrides);
    }

    /// <summary>Reads a recipe from text.</summary>
    internal static Recipe From(string text, string file, string folder, bool resolved, IEnumerable<RecipeOverride> overrides)
    {
        RecipeTable root = RecipeParser.Parse(text, file, resolved);
        foreach (RecipeOverride change in overrides) RecipeOverrides.Apply(root, change.Assignment, change.Shown);
        (WorkflowSettings settings, IReadOnlyDictionary<string, Origin> origins) = RecipeBinder.Bind(root, file);
        settings = RecipePaths.Resolve(settings, folder);
        return new Recipe(settings, folder, RecipeWriter.Write(settings, origins));
    }

    private const long LargestText = 1 << 22;

    private static string ReadText(string path)
    {
        if (Directory.Exists(path))
            throw FoveaException.BadData($"{path} is a folder, no recipe. For images and a network: fovea new NETWORK IMAGES writes one.");
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > LargestText }) throw NoText(path);
            // A pipe has one reading in it.
            byte[] bytes = File.ReadAllBytes(path);
            if (bytes.AsSpan(0, Math.Min(bytes.Length, 512)).Contains((byte)0)) throw NoText(path);
            using var text = new StreamReader(new MemoryStream(bytes), Encoding.UTF8);
            return text.ReadToEnd();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            string why = e is FileNotFoundException or DirectoryNotFoundException
                ? "there is no such file. The recipes that come with Fovea lie in the folder recipes/" : e.Message.TrimEnd('.');
            throw FoveaException.BadData($"Cannot read the recipe {path}: {why}.", e);
        }
    }

    /// <summary>A network's file, or images, in the recipe's place are not read as text.</summary>
    private static FoveaException NoText(string path) => FoveaException.BadData(
        $"{path} is no recipe, which is a text. For a network's file: fovea new {Path.GetFileName(path)} IMAGES writes a recipe for it.");
}

/// <summary>One value that the command line puts over the recipe's.</summary>
/// <param name="Assignment"><c>key=value</c>.</param>
/// <param name="Shown">The option as its user wrote it; null: <c>--set</c>.</param>
internal sealed record RecipeOverride(string Assignment, string? Shown = null);
