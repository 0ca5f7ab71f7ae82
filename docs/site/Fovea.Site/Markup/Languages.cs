using System.Text.RegularExpressions;

namespace Fovea.Site.Markup;

/// <summary>The parts of a few languages, as far as colours need them. What comes first in an expression wins: a number in a comment is a comment.</summary>
internal static partial class Languages
{
    /// <summary>What finds a language's parts.</summary>
    /// <param name="name">As a fence names it.</param>
    /// <returns>An expression with a group for each class; null: the language is not known.</returns>
    public static Regex? Of(string name) => name switch
    {
        "csharp" or "cs" => CSharp(),
        "sh" or "bash" => Shell(),
        "toml" or "ini" => Toml(),
        "json" => Json(),
        "python" or "py" => Python(),
        "yaml" or "yml" => Yaml(),
        _ => null,
    };

    [GeneratedRegex("""
        (?<c>//[^\n]*|/\*[\s\S]*?\*/)
        |(?<s>"{3,}[\s\S]*?"{3,}|[$@]*"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])+')
        |(?<n>\b(?:0x[0-9a-fA-F_]+|\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?[fFdDmMuUlL]*)\b)
        |(?<k>\b(?:abstract|as|async|await|base|bool|break|byte|case|catch|char|class|const|continue|decimal|default|delegate|do|double|
            else|enum|event|extension|false|finally|fixed|float|for|foreach|get|if|in|init|int|interface|internal|is|lock|long|nameof|
            namespace|new|not|null|object|operator|or|out|override|params|private|protected|public|readonly|record|ref|required|return|
            sealed|set|short|static|string|struct|switch|this|throw|true|try|typeof|uint|ulong|unsafe|ushort|using|value|var|virtual|void|
            when|where|while|with|yield)\b)
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex CSharp();

    [GeneratedRegex("""
        (?<c>(?<![^\s])\#[^\n]*)
        |(?<s>"(?:\\.|[^"\\])*"|'[^']*')
        |(?<v>(?<![\w-])--?[A-Za-z][\w-]*|\$\{?\w+\}?|\b[A-Z_]{2,}(?==))
        |(?<k>(?<![\w.-])(?:fovea|dotnet|git|cd|for|do|done|if|then|else|fi|in|while|export|sudo|apt-get|mpirun|srun|sbatch|python|pip|curl)(?![\w./-]))
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Shell();

    [GeneratedRegex("""
        (?<c>\#[^\n]*)
        |(?<k>^[ \t]*\[[^\]\n]*\]+)
        |(?<v>^[ \t]*[\w."-]+(?=[ \t]*=))
        |(?<s>"(?:\\.|[^"\\\n])*"|'[^'\n]*')
        |(?<n>\b(?:true|false|\d[\d_.eE+-]*)\b)
        """, RegexOptions.IgnorePatternWhitespace | RegexOptions.Multiline)]
    private static partial Regex Toml();

    [GeneratedRegex("""
        (?<v>"(?:\\.|[^"\\\n])*"(?=\s*:))
        |(?<s>"(?:\\.|[^"\\\n])*")
        |(?<n>-?\b\d[\d.eE+-]*\b)
        |(?<k>\b(?:true|false|null)\b)
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Json();

    [GeneratedRegex("""
        (?<c>\#[^\n]*)
        |(?<s>[rbfRBF]*(?:"{3}[\s\S]*?"{3}|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))
        |(?<n>\b\d[\d_.]*(?:[eE][+-]?\d+)?\b)
        |(?<k>\b(?:and|as|assert|async|await|break|class|continue|def|del|elif|else|except|False|finally|for|from|if|import|in|is|lambda|
            None|nonlocal|not|or|pass|raise|return|True|try|while|with|yield)\b)
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Python();

    [GeneratedRegex("""
        (?<c>\#[^\n]*)
        |(?<v>^[ \t-]*[\w.-]+(?=:))
        |(?<s>"(?:\\.|[^"\\\n])*"|'[^'\n]*')
        |(?<n>\b(?:true|false|\d[\d_.]*)\b)
        """, RegexOptions.IgnorePatternWhitespace | RegexOptions.Multiline)]
    private static partial Regex Yaml();
}
