using System.IO.MemoryMappedFiles;
using System.Reflection;
using System.Runtime.CompilerServices;
using Fovea.IO;
using Fovea.Runs;

namespace Fovea.Tests.Architecture;

/// <summary>
/// The rules that the library's shape keeps, each a function from compiled types to what breaks it, in words. The same functions are shown
/// what breaks them in <c>ViolationTests</c>.
/// </summary>
internal static class Rules
{
    /// <summary>The rooms of the library, each of which knows those before it and none after it.</summary>
    public static readonly string[] Order =
    [
        "IO", "Numerics", "Distributed", "Documents", "Imaging", "Datasets", "Checkpoints", "Models", "Training", "Activations", "Dictionaries",
        "Visualization", "Interpretation", "Interventions", "Runs",
    ];

    /// <summary>
    /// Settings that are no words that the program makes a path of: paths of the user's; words of a fixed list, which the settings' rules
    /// hold; and the splits, which are a part of the name of a generated source (<c>shapesworld:train:60</c>), no path.
    /// </summary>
    public static readonly string[] PathsOfTheUser =
        ["Source", "Classes", "Labels", "ClassList", "Weights", "Network", "Preprocess", "Compare", "Presets", "Validate", "TrainSplit", "ValidationSplit"];

    /// <summary>Types that know a room after their own, or stand in none.</summary>
    /// <param name="types">The types.</param>
    /// <param name="root">The namespace that holds the rooms; what lies in it itself is known to all, and knows none.</param>
    /// <param name="order">The rooms in order.</param>
    public static IEnumerable<string> NamespaceOrder(IEnumerable<Type> types, string root, IReadOnlyList<string> order)
    {
        foreach (Type type in types.Where(type => Room(type, root) is not null))
        {
            int own = Place(type);
            if (own < -1) yield return $"{type.FullName}: '{Room(type, root)}' is no room of the library";
            var later = TypeUses.Of(type).SelectMany(use => TypeUses.Parts(use.Used).Select(part => (part, use.By)))
                .Where(use => Room(use.part, root) is not null && Place(use.part) > own)
                .DistinctBy(use => use.part);
            foreach ((Type used, string by) in later) yield return $"{type.FullName} knows {used.FullName} ({by})";
        }

        int Place(Type type) =>
            Room(type, root) is ""
                ? -1 : Enumerable.Range(0, order.Count).Where(i => order[i] == Room(type, root)).DefaultIfEmpty(-2).First();
    }

    /// <summary>Public classes that can be derived from, are not, and are not made to be (abstract).</summary>
    public static IEnumerable<string> Sealed(IEnumerable<Type> types)
    {
        Type[] all = [.. types];
        var bases = all.Select(type => type.BaseType).OfType<Type>()
            .Select(type => type.IsGenericType ? type.GetGenericTypeDefinition() : type).ToHashSet();
        return all.Where(type => type is { IsClass: true, IsVisible: true, IsSealed: false, IsAbstract: false } && !bases.Contains(type))
            .Select(type => $"{type.FullName} is neither sealed nor abstract, and nothing derives from it");
    }

    /// <summary>Methods that ask libtorch for derivatives outside the one type that looks before whether there are any.</summary>
    /// <param name="types">The types.</param>
    /// <param name="guard">The one that may.</param>
    public static IEnumerable<string> GuardedDerivatives(IEnumerable<Type> types, Type guard) =>
        from type in types
        where type != guard && type.DeclaringType != guard
        from method in IlReader.Methods(type)
        from instruction in IlReader.Instructions(method)
        where instruction.Called is { Name: "grad" or "backward" } called && called is not ConstructorInfo
            && called.Module.Name == "TorchSharp.dll" && !IsProperty(called)
        select $"{type.FullName}.{method.Name} calls {instruction.Called!.DeclaringType!.Name}.{instruction.Called.Name}";

    /// <summary>Methods that multiply matrices outside the one type that looks before whether they fit.</summary>
    /// <param name="types">The types.</param>
    /// <param name="guard">The one that may.</param>
    public static IEnumerable<string> GuardedProducts(IEnumerable<Type> types, Type guard) =>
        from type in types
        where type != guard
        from method in IlReader.Methods(type)
        from instruction in IlReader.Instructions(method)
        where instruction.Called is { Name: "matmul" } called && called.Module.Name == "TorchSharp.dll"
        select $"{type.FullName}.{method.Name} calls {instruction.Called!.DeclaringType!.Name}.matmul";

    /// <summary>Methods that open a file by its name outside the one type that looks first whether it is a plain file.</summary>
    /// <param name="types">The types.</param>
    /// <param name="guard">The one that may.</param>
    /// <param name="others">Those that write, or read what only this program or the system writes; and those that call the guard.</param>
    public static IEnumerable<string> GuardedFiles(IEnumerable<Type> types, Type guard, params Type[] others) =>
        from type in types
        where type != guard && !others.Contains(type)
        from method in IlReader.Methods(type)
        from instruction in IlReader.Instructions(method)
        where instruction.Called is { } called && called.GetParameters() is [{ ParameterType: var first }, ..] && first == typeof(string)
            && (called.IsConstructor
                ? called.DeclaringType == typeof(FileStream) || called.DeclaringType == typeof(StreamReader)
                : called.DeclaringType == typeof(MemoryMappedFile)
                    || (called.DeclaringType == typeof(File) && (called.Name.StartsWith("Read", StringComparison.Ordinal)
                        || called.Name.StartsWith("Open", StringComparison.Ordinal))))
        select $"{type.FullName}.{method.Name} calls {instruction.Called!.DeclaringType!.Name}.{instruction.Called.Name}";

    /// <summary>
    /// Methods in which a word of the settings, or text made of one, becomes part of a path, or the name of a file, without a name's check
    /// (<see cref="SafeName"/>), by whatever way it came there (<see cref="WordFlow"/>).
    /// </summary>
    /// <param name="types">The types.</param>
    /// <param name="words">The namespace of the settings, or of what else gives words: the properties of its types, and what its interfaces
    /// give (<see cref="IRunReader"/> gives the names of layers and dictionaries).</param>
    /// <param name="paths">Words that are paths themselves: files of the user's, named as they are.</param>
    public static IEnumerable<string> SafePaths(IEnumerable<Type> types, string words, params string[] paths) =>
        new WordFlow(
            types,
            method => method.DeclaringType is { } owner && owner.Namespace == words && IsWord(method)
                && (owner.IsInterface || method.IsSpecialName) && !paths.Contains(method.Name.Split('_', 2)[^1]),
            method => method.DeclaringType == typeof(SafeName) || method.DeclaringType == typeof(RunFolder))
            .Find(called => called.DeclaringType is { Namespace: "System.IO" } owner && (owner == typeof(Path)
                ? called.Name is nameof(Path.Combine) or nameof(Path.Join)
                : owner == typeof(File) || owner == typeof(Directory)
                    || (called.IsConstructor && (owner == typeof(FileStream) || owner == typeof(FileInfo) || owner == typeof(DirectoryInfo)
                        || owner == typeof(StreamReader) || owner == typeof(StreamWriter)))));

    /// <summary>Methods that write an object without a type into a document.</summary>
    public static IEnumerable<string> AnonymousDocuments(IEnumerable<Type> types) =>
        from type in types
        from method in IlReader.Methods(type)
        from instruction in IlReader.Instructions(method)
        where instruction.Called is MethodInfo { IsGenericMethod: true } called
            && (called.DeclaringType == typeof(JsonFile) || called.DeclaringType == typeof(System.Text.Json.JsonSerializer))
            && called.GetGenericArguments().SelectMany(TypeUses.Parts).Any(IsAnonymous)
        select $"{type.FullName}.{method.Name} writes an anonymous object";

    /// <summary>
    /// Methods that write an object as whatever type it has at run time: an object without a type could be one. Where all that can come are
    /// the kinds of one record, that record's own methods may.
    /// </summary>
    /// <param name="types">The types.</param>
    /// <param name="may">Types whose methods may.</param>
    public static IEnumerable<string> UntypedDocuments(IEnumerable<Type> types, params Type[] may) =>
        from type in types
        where !may.Any(one => IsIn(type, one))
        from method in IlReader.Methods(type)
        from instruction in IlReader.Instructions(method)
        where instruction.Called is { } called && (called.DeclaringType == typeof(JsonFile)
            || called.DeclaringType == typeof(System.Text.Json.JsonSerializer))
            && (called.IsGenericMethod
                ? called.GetGenericArguments().SelectMany(TypeUses.Parts).Contains(typeof(object))
                : called.Name.StartsWith("Serialize", StringComparison.Ordinal)
                    && called.GetParameters().Any(parameter => parameter.ParameterType == typeof(object)))
        select $"{type.FullName}.{method.Name} writes an object of any type";

    /// <summary>
    /// Objects without a type that an assembly makes: what it says must be a record. The variables of a query become such objects too, but
    /// only as what a lambda gives to the query's next step, and their names begin with a small letter.
    /// </summary>
    public static IEnumerable<string> AnonymousObjects(IEnumerable<Type> types)
    {
        Type[] all = [.. types];
        var named = all.Where(type => IsAnonymous(type) && type.GetProperties().Any(property => char.IsUpper(property.Name[0])));
        var kept = from type in all
                   where !IsAnonymous(type)
                   from method in IlReader.Methods(type)
                   from instruction in IlReader.Instructions(method)
                   where instruction.Called is ConstructorInfo { DeclaringType: { } made } && IsAnonymous(made)
                       && (method as MethodInfo)?.ReturnType != made
                   select instruction.Called!.DeclaringType!;
        return named.Concat(kept).Select(type => type.IsGenericType ? type.GetGenericTypeDefinition() : type).Distinct()
            .Select(type => $"an object of {string.Join(", ", type.GetProperties().Select(property => property.Name))} has no type");
    }

    /// <summary>Methods that read files of a run themselves, or take JSON apart, in place of asking an <see cref="IRunReader"/>.</summary>
    /// <param name="types">The types.</param>
    /// <param name="writers">Those that may make, move and delete files; reading is for none.</param>
    public static IEnumerable<string> ReadsThroughReaders(IEnumerable<Type> types, params Type[] writers) =>
        (from type in types
         from method in IlReader.Methods(type)
         from instruction in IlReader.Instructions(method)
         where instruction.Called?.DeclaringType is { } owner && Reads(owner, instruction.Called!)
             && !(writers.Any(writer => IsIn(type, writer)) && Writes(instruction.Called!))
         select $"{type.FullName}.{method.Name} calls {instruction.Called!.DeclaringType!.Name}.{instruction.Called.Name}").Distinct();

    /// <summary>Values of a list of fast paths that no method says it ran, or that no test counts.</summary>
    /// <param name="paths">The enumeration.</param>
    /// <param name="library">Types whose methods call <c>Ran</c>.</param>
    /// <param name="tests">Types whose methods name the path in a test.</param>
    public static IEnumerable<string> FastPaths(Type paths, IEnumerable<Type> library, IEnumerable<Type> tests)
    {
        var ran = Named(library, method => method.Name == "Ran");
        var counted = Named(tests, _ => true);
        foreach (object path in Enum.GetValues(paths))
        {
            if (!ran.Contains((int)path)) yield return $"{paths.Name}.{path}: nothing says that it ran";
            if (!counted.Contains((int)path)) yield return $"{paths.Name}.{path}: no test counts it";
        }

        HashSet<int> Named(IEnumerable<Type> types, Func<MethodBase, bool> by)
        {
            var flow = new ValueFlow(_ => false, _ => false);
            var found = new HashSet<int>();
            foreach (var (called, arguments) in types.SelectMany(IlReader.Methods).SelectMany(flow.Calls).Where(call => by(call.Called)))
            {
                var parameters = called.GetParameters();
                for (int i = 0; i < parameters.Length; i++)
                    if (parameters[i].ParameterType == paths) found.UnionWith(arguments[arguments.Length - parameters.Length + i].Numbers);
            }
            return found;
        }
    }

    /// <summary>
    /// Types in which it is asked whether a fast path can be taken and in which nothing, called or created there, says that one was: a
    /// choice that no test can see.
    /// </summary>
    /// <param name="library">The types.</param>
    /// <param name="asks">Whether a method says that a fast path can be taken.</param>
    /// <param name="says">Whether a method counts that one was taken.</param>
    public static IEnumerable<string> SilentChoices(IEnumerable<Type> library, Func<MethodBase, bool> asks, Func<MethodBase, bool> says)
    {
        const int Depth = 3;
        Type[] all = [.. library];
        var known = all.ToHashSet();
        foreach (var family in all.GroupBy(Outermost).OrderBy(family => family.Key.FullName, StringComparer.Ordinal))
        {
            MethodBase[] own = [.. family.SelectMany(IlReader.Methods).Where(method => !asks(method))];
            if (own.SelectMany(Called).Any(asks) && !Says(own, Depth, []))
                yield return $"{family.Key.FullName} chooses a fast path, and nothing says that it ran";
        }

        bool Says(IEnumerable<MethodBase> methods, int depth, HashSet<MethodBase> seen) => methods.Where(seen.Add).ToArray().Any(method =>
            Called(method).ToArray() is var called
            && (called.Any(says)
                || (depth > 0 && Says(called.Where(one => one.DeclaringType is { } type && known.Contains(Open(type))), depth - 1, seen))));

        static IEnumerable<MethodBase> Called(MethodBase method) =>
            IlReader.Instructions(method).Select(instruction => instruction.Called).OfType<MethodBase>();

        static Type Open(Type type) => type.IsGenericType ? type.GetGenericTypeDefinition() : type;

        static Type Outermost(Type type) => type.DeclaringType is { } outer ? Outermost(outer) : type;
    }

    private static bool Reads(Type owner, MethodBase called) => owner.Namespace switch
    {
        "System.IO" => owner.Name is nameof(File) or nameof(Directory) or nameof(FileStream) or nameof(FileInfo) or nameof(
            DirectoryInfo) or nameof(FileSystemInfo)
            || (owner.Name == nameof(StreamReader) && called.IsConstructor && called.GetParameters() is [{ ParameterType: var first }, ..]
                && first == typeof(string)),
        "System.IO.MemoryMappedFiles" => true,
        { } space when space == "System.Text.Json" || space.StartsWith("System.Text.Json.", StringComparison.Ordinal) || space == "Parquet"
            || space.StartsWith("Parquet.", StringComparison.Ordinal) => true,
        "Fovea.Checkpoints" => true,
        "Fovea.IO" => owner == typeof(JsonFile),
        "Fovea.Documents" => owner == typeof(DocumentFile) || owner == typeof(TableFile)
            || called is { IsStatic: true, Name: "Read" or "Find" or "ReadLines" },
        _ => false,
    };

    private static bool Writes(MethodBase called) =>
        called.Name is nameof(File.WriteAllBytesAsync) or nameof(File.Create) or nameof(Directory.CreateDirectory)
        or nameof(Directory.Delete) or nameof(Directory.Move)
        || (called.DeclaringType == typeof(Directory) && called.Name == nameof(Directory.Exists));

    /// <summary>A type, or one that the compiler made inside it.</summary>
    private static bool IsIn(Type type, Type outer) => type == outer || (type.DeclaringType is { } above && IsIn(above, outer));

    private static string? Room(Type type, string root)
    {
        string space = type.Namespace ?? "";
        if (space == root) return "";
        return space.StartsWith(root + ".", StringComparison.Ordinal) ? space[(root.Length + 1)..].Split('.')[0] : null;
    }

    private static bool IsProperty(MethodBase method) => method.IsSpecialName;

    private static bool IsWord(MethodBase getter) =>
        getter is MethodInfo { ReturnType: var type } && TypeUses.Parts(type).Contains(typeof(string));

    private static bool IsAnonymous(Type type) =>
        type.IsDefined(typeof(CompilerGeneratedAttribute), false) && type.Name.StartsWith("<>f__AnonymousType", StringComparison.Ordinal);
}
